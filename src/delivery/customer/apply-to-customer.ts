import { setTimeout as delay } from 'node:timers/promises';
import { isOutage } from '../../directscale/circuit-breaker.ts';
import type { Change } from '../../domain/change.ts';
import type { AttemptContext } from '../attempt/attempt.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { Applied, Receipt } from './apply.ts';
import type { Resolved } from './resolve.ts';

/** A change, with its customer if she is known, and what became of it. */
export interface AppliedToCustomer {
  readonly change: Change;
  readonly result: Applied | Exclude<Resolved, { type: 'resolved' }>;
}

/**
 * Finds the customer of a change and applies it. While all calls wait for the end of a quota or for a right key, it
 * stands still for up to `holdMs`. Throws what storage and secrets throw.
 */
export async function applyToCustomer(
  change: Change,
  record: DeliveryRecord,
  receipt: Receipt,
  context: AttemptContext,
): Promise<AppliedToCustomer> {
  const until = context.now().getTime() + context.holdMs;
  let applied = await resolveAndApply(change, record, receipt, context);
  while (
    applied.result.type === 'paused' &&
    !isOutage(applied.result.reason) &&
    context.now().getTime() + applied.result.waitMs <= until
  ) {
    await delay(applied.result.waitMs);
    applied = await resolveAndApply(change, record, receipt, context);
  }
  return applied;
}

async function resolveAndApply(
  change: Change,
  record: DeliveryRecord,
  receipt: Receipt,
  context: AttemptContext,
): Promise<AppliedToCustomer> {
  const { customer, recordId } = change;
  const applyTo = async (customerId: string) => {
    if (customerId !== record.customerId)
      await context.stores.states.addDelivery(customerId, record.deliveryId);
    const addressed = { ...change, customer: { customerId } };
    return { change: addressed, result: await context.apply(addressed, receipt) };
  };
  // Most changes name their customer: nothing is to be found.
  if ('customerId' in customer) return applyTo(customer.customerId);

  const sought = { source: record.source, recordId, lookUp: customer.lookUp };
  const resolved = await context.resolve(sought);
  if (resolved.type !== 'resolved') return { change, result: resolved };
  const first = await applyTo(resolved.customerId);
  const isGone = first.result.type === 'refused' && first.result.answer.outcome === 'customer-not-found';
  if (!isGone || !resolved.byLink || recordId === undefined) return first;

  // The customer that the record was linked to is gone: once more without the link.
  await context.stores.links.remove(record.source, recordId, resolved.customerId);
  const again = await context.resolve(sought);
  return again.type === 'resolved' ? applyTo(again.customerId) : { change, result: again };
}
