import { setTimeout as delay } from 'node:timers/promises';
import { type AddressedChange, type Change, isAddressed } from '../domain/change.ts';
import type { Applied, Receipt } from './apply.ts';
import type { AttemptContext } from './attempt.ts';
import { isOutage } from './pause.ts';
import type { DeliveryRecord } from './record.ts';
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
  const resolved = await context.resolve(change, record.source);
  if (resolved.type !== 'resolved') return { change, result: resolved };
  const first = await applyTo(resolved.customerId, change, record, receipt, context);
  const isGone = first.result.type === 'refused' && first.result.answer.outcome === 'customer-not-found';
  if (!isGone || !resolved.byLink || change.recordId === undefined) return first;

  // The customer that the record was linked to is gone: once more without the link.
  await context.stores.links.remove(record.source, change.recordId, resolved.customerId);
  const again = await context.resolve(change, record.source);
  if (again.type !== 'resolved') return { change, result: again };
  return applyTo(again.customerId, change, record, receipt, context);
}

async function applyTo(
  customerId: string,
  change: Change,
  { deliveryId, customerId: known }: DeliveryRecord,
  receipt: Receipt,
  { stores, apply }: AttemptContext,
): Promise<{ readonly change: AddressedChange; readonly result: Applied }> {
  const addressed = isAddressed(change) ? change : { ...change, customer: { customerId } };
  if (customerId !== known) await stores.states.addDelivery(customerId, deliveryId);
  return { change: addressed, result: await apply(addressed, receipt) };
}
