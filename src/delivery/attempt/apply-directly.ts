import { setTimeout as delay } from 'node:timers/promises';
import { directSource } from '../../config/source.ts';
import type { AddressedChange } from '../../domain/change.ts';
import type { Applied, NotApplied } from '../customer/apply.ts';
import { deliveryIdentity, deliveryIdOf, receivedAtOf } from '../record/delivery-id.ts';
import { pendingRecord } from '../record/new-record.ts';
import { attemptsKept, type DeliveryRecord } from '../record/record.ts';
import type { AttemptContext } from './attempt.ts';
import { attemptOf } from './timeline.ts';

/** A request of the direct route. */
export interface DirectRequest {
  readonly customer: AddressedChange['customer'];
  readonly fields: AddressedChange['fields'];
  /** ISO 8601; absent: when the request was first received. */
  readonly occurredAt?: string | undefined;
  /** Equal for every repeat of the request. */
  readonly senderId: string;
  /** The caller gave the id: a repeat is to be recognized. */
  readonly isRepeatable: boolean;
}

export interface AppliedDirectly {
  readonly record: DeliveryRecord;
  /** What stood in the way; absent when it is done, now or by an earlier request of the same id. */
  readonly obstacle?: NotApplied;
}

/** A customer who is being written to is waited for this long. */
const patienceMs = 5000;
const lookAgainMs = 250;

/**
 * Applies a change now and records what came of it: the caller is told, and repeats what could not be done.
 * Throws what storage and secrets throw; then the caller repeats, too.
 */
export async function applyDirectly(
  request: DirectRequest,
  context: AttemptContext,
): Promise<AppliedDirectly> {
  const { stores, now } = context;
  const identity = deliveryIdentity(directSource, request.senderId);
  const newId = deliveryIdOf(now(), identity);
  const { deliveryId, isSafe } = request.isRepeatable
    ? await stores.seen.add(identity, newId)
    : { deliveryId: newId, isSafe: false };
  const before = deliveryId === newId ? undefined : await stores.records.read({ deliveryId, index: 0 });
  if (isSafe && before) return { record: before.record };

  // A repeat is as old as the first attempt: what was changed in between stays.
  const change = changeOf(request, receivedAtOf(deliveryId));
  const result = await applyPatiently(change, deliveryId, context);
  const attempts = [...(before?.record.attempts ?? []), attemptOf(result, now())].slice(-attemptsKept);
  const record = {
    ...pendingRecord({ deliveryId, index: 0, source: directSource }, change),
    ...endOf(result),
    attempts,
  };
  await Promise.all([
    before ? stores.records.update(record, before.etag) : stores.records.create([{ record, change }]),
    stores.states.addDelivery(change.customer.customerId, deliveryId),
  ]);
  if (request.isRepeatable && record.status !== 'returned') await stores.seen.markSafe(identity);
  return { record, ...(isDone(result) ? {} : { obstacle: result }) };
}

/** The change that a direct request makes. */
export function changeOf({ customer, fields, occurredAt }: DirectRequest, receivedAt: Date): AddressedChange {
  return { customer, fields, occurredAt: occurredAt ?? receivedAt.toISOString() };
}

async function applyPatiently(
  change: AddressedChange,
  deliveryId: string,
  { apply, now }: AttemptContext,
): Promise<Applied> {
  const receipt = { receivedAt: receivedAtOf(deliveryId).getTime(), changeId: `${deliveryId}/0` };
  const until = now().getTime() + patienceMs;
  let result = await apply(change, receipt);
  while (result.type === 'busy' && now().getTime() < until) {
    await delay(lookAgainMs);
    result = await apply(change, receipt);
  }
  return result;
}

function isDone(result: Applied): result is Exclude<Applied, NotApplied> {
  return result.type === 'applied' || result.type === 'unchanged' || result.type === 'stale';
}

function endOf(result: Applied): Pick<DeliveryRecord, 'status'> & Partial<DeliveryRecord> {
  switch (result.type) {
    case 'applied':
      return { status: 'applied', dropped: [...result.dropped] };
    case 'unchanged':
    case 'stale':
      return { status: result.type };
    case 'refused':
      return { status: 'returned', reason: result.answer.outcome };
    case 'failed':
      return { status: 'returned', reason: result.answer.reason };
    case 'paused':
      return { status: 'returned', reason: result.reason };
    case 'incomplete':
      return { status: 'returned', reason: 'address-incomplete' };
    case 'customer-paused':
      return { status: 'returned', reason: 'customer-paused' };
    default:
      return { status: 'returned', reason: 'customer-busy' };
  }
}
