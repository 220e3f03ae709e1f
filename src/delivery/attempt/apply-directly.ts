import { directSource } from '../../config/source.ts';
import type { AddressedChange } from '../../domain/change.ts';
import type { LeftOut } from '../../domain/left-out.ts';
import { deliveryIdentity, deliveryIdOf, receivedAtOf } from '../record/delivery-id.ts';
import type { Outcome } from '../record/outcome.ts';
import {
  type DeliveryRecord,
  describe,
  emptyRecord,
  type RecordedChange,
  type StoredChange,
  withAttempt,
} from '../record/record.ts';
import { type AttemptContext, attemptChange } from './attempt-change.ts';
import { endedRecord, writtenOf } from './ended-record.ts';

/** A request of the direct route. */
export interface DirectRequest {
  readonly customer: AddressedChange['customer'];
  readonly fields: AddressedChange['fields'];
  /** What cannot be used of the request, which is lenient then. */
  readonly leftOut: readonly LeftOut[];
  /** True: all of it is written, or nothing. */
  readonly isStrict: boolean;
  /** ISO 8601; absent: when the request was first received. */
  readonly occurredAt?: string | undefined;
  /** Equal for every repeat of the request. */
  readonly senderId: string;
  /** The caller gave the id: a repeat is to be recognized. */
  readonly isRepeatable: boolean;
}

export interface AppliedDirectly {
  readonly record: DeliveryRecord;
  /** What stood in the way; absent if it is done, now or by an earlier request of the same id. */
  readonly obstacle?: Exclude<Outcome, { follows: 'done' }>;
}

/** A customer that is being written to is waited for this long, in ms. */
const patience = { ms: 5000, with: 'a busy customer' } as const;

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
  const { deliveryId } = request.isRepeatable
    ? await stores.seen.claim(identity, newId)
    : { deliveryId: newId };
  const before = deliveryId === newId ? undefined : await stores.records.read({ deliveryId, index: 0 });
  if (before && before.record.status !== 'returned') return { record: before.record };

  // A repeat is as old as the first attempt: what was changed in between stays.
  const change = changeOf(request, receivedAtOf(deliveryId));
  const record = before?.record ?? recordOf(deliveryId, change, request);
  const { outcome } = await attemptChange({ record, change }, patience, context);
  const ended = endOf(record, outcome, now());
  await recordEnd({ record: ended, change }, before, stores.records);
  return { record: ended, ...(outcome.follows !== 'done' && { obstacle: outcome }) };
}

/** If a repeat that came at the same time recorded first that it returned the change, that it is done is said after all. */
async function recordEnd(
  ended: RecordedChange,
  before: StoredChange | undefined,
  records: AttemptContext['stores']['records'],
): Promise<void> {
  const isRecorded = before ? await records.update(ended, before) : await records.create([ended]);
  if (isRecorded || ended.record.status === 'returned') return;
  const meanwhile = await records.read(ended.record);
  if (meanwhile?.record.status === 'returned') await recordEnd(ended, meanwhile, records);
}

/**
 * Puts a repeatable change into the queue: recorded first, so that a repeat finds it. What its caller was told is not
 * possible now is tried after all. Returns the delivery's id, which every repeat gets. Throws what storage throws.
 */
export async function enqueueDirectly(
  request: DirectRequest,
  context: Pick<AttemptContext, 'stores' | 'now'>,
): Promise<string> {
  const { stores, now } = context;
  const { records, seen, queue } = stores;
  const identity = deliveryIdentity(directSource, request.senderId);
  const { deliveryId } = await seen.claim(identity, deliveryIdOf(now(), identity));
  const change = changeOf(request, receivedAtOf(deliveryId));
  const stored = await records.read({ deliveryId, index: 0 });
  if (stored && stored.record.status !== 'returned') {
    // Whoever recorded it may have died before the message was sent. One too many does no harm.
    if (stored.record.status === 'pending' && stored.record.nextAttemptAt === undefined)
      await queue.send({ deliveryId, index: 0, turn: stored.record.turn });
    return deliveryId;
  }

  const { reason: _, ...record } = stored?.record ?? recordOf(deliveryId, change, request);
  const pending: DeliveryRecord = { ...record, status: 'pending', turn: record.turn + 1 };
  const isRecorded = stored
    ? await records.update({ record: pending }, stored)
    : await records.create([{ record: pending, change }]);
  // A repeat that came at the same time was faster: begin again with what it recorded.
  if (!isRecorded) return enqueueDirectly(request, context);
  await queue.send({ deliveryId, index: 0, turn: pending.turn });
  return deliveryId;
}

function recordOf(
  deliveryId: string,
  change: AddressedChange,
  { leftOut, isStrict }: DirectRequest,
): DeliveryRecord {
  return {
    ...emptyRecord({ deliveryId, index: 0, source: directSource }),
    ...describe(change),
    ...(isStrict && { isStrict }),
    ...(leftOut.length > 0 && { leftOut: [...leftOut] }),
  };
}

/** The change that a direct request makes. */
export function changeOf({ customer, fields, occurredAt }: DirectRequest, receivedAt: Date): AddressedChange {
  return { customer, fields, occurredAt: occurredAt ?? receivedAt.toISOString() };
}

/** The caller is told, so nothing is tried again here. */
function endOf(record: DeliveryRecord, outcome: Outcome, now: Date): DeliveryRecord {
  if (outcome.follows === 'done') return endedRecord(outcome, record, now);
  const { reason: _, writtenSoFar: __, ...rest } = record;
  const reason = outcome.follows === 'park' ? outcome.reason : (outcome.told.reason ?? outcome.told.outcome);
  const written = writtenOf(outcome, record);
  const returned = { ...rest, ...(written.length > 0 && { writtenSoFar: written }) };
  const attempt = { at: now.toISOString(), ...outcome.told };
  return withAttempt({ ...returned, status: 'returned', reason }, attempt);
}
