import type { Source } from '../../config/source.ts';
import { type DeliveryContent, readDelivery, recordedChangesOf } from '../attempt/read-delivery.ts';
import { receivedAtOf } from '../record/delivery-id.ts';
import { unpackRequest } from '../record/packed-request.ts';
import {
  type DeliveryRecord,
  describe,
  emptyRecord,
  type RecordedChange,
  type StoredChange,
  withAttempt,
} from '../record/record.ts';
import type { Stores } from '../store/stores.ts';

/** What became of a request to replay a delivery. */
export type Replayed =
  | { readonly type: 'replayed'; readonly records: readonly DeliveryRecord[] }
  /** Today's mapping cannot turn it into a change either; the record says why. */
  | { readonly type: 'unmappable'; readonly records: readonly DeliveryRecord[] }
  | { readonly type: 'unknown' }
  /** Its request is not kept: it was ignored, or its source is not in relay.json any more and it made no change. */
  | { readonly type: 'nothing-to-replay' };

/**
 * Sends a delivery through today's mapping and into the queue again. It keeps its id and its time of receipt, so
 * ordering decides as it would have then: a replay is safe at any time, any number of times.
 * Throws what storage throws; then it can be repeated.
 */
export async function replay(
  deliveryId: string,
  sources: ReadonlyMap<string, Source>,
  stores: Stores,
  now: Date,
): Promise<Replayed> {
  const { records } = stores;
  const existing = await records.ofDelivery(deliveryId);
  const [first] = existing;
  if (!first) return { type: 'unknown' };
  const { source, topic, foundBy } = first.record;
  const content = await mapAgain(deliveryId, sources.get(source), stores);
  const changes = content
    ? recordedChangesOf(content, { deliveryId, source, topic, foundBy })
    : existing.flatMap(storedChange);
  if (changes.length === 0) return { type: 'nothing-to-replay' };

  // One of its customers may have been forgotten: a position in the list is not a position in the delivery.
  const before = new Map(existing.map((stored) => [stored.record.index, stored]));
  const replayed: DeliveryRecord[] = [];
  for (const change of changes) {
    const record = await putAgain(change, before.get(change.record.index), stores, now);
    // Somebody was faster: begin again with what is there now.
    if (!record) return replay(deliveryId, sources, stores, now);
    replayed.push(record);
  }
  const isUnmappable = replayed.every(({ reason }) => reason === 'unmappable');
  // Today's mapping makes fewer changes of it than the one before.
  const left = content ? existing.filter(({ record }) => record.index >= changes.length) : [];
  for (const stored of left) {
    const ended = { ...emptyRecord(stored.record), status: 'ignored' as const, reason: 'no longer mapped' };
    const record = withHistory(ended, stored.record, now);
    if (!(await records.update({ record }, stored))) return replay(deliveryId, sources, stores, now);
    replayed.push(record);
  }
  return { type: isUnmappable ? 'unmappable' : 'replayed', records: replayed };
}

async function mapAgain(
  deliveryId: string,
  source: Source | undefined,
  { records }: Stores,
): Promise<DeliveryContent | undefined> {
  const request = source && (await records.request(deliveryId));
  if (!request) return undefined;
  return (await readDelivery(source, unpackRequest(request), receivedAtOf(deliveryId))).content;
}

/** Without a request (the direct route, a forgotten customer) or without the source: what was made of it then. */
function storedChange({ record, change, thin }: StoredChange): RecordedChange[] {
  if (change) return [{ record: { ...emptyRecord(record), ...describe(change) }, change }];
  return thin === undefined ? [] : [{ record: emptyRecord(record), thin }];
}

/** Records a change anew and puts it into the queue. Undefined: the record was changed in the meantime. */
async function putAgain(
  { record, ...applicable }: RecordedChange,
  old: StoredChange | undefined,
  { records, queue }: Stores,
  now: Date,
): Promise<DeliveryRecord | undefined> {
  const next = old ? withHistory(record, old.record, now) : record;
  if (old) {
    if (!(await records.update({ record: next, ...applicable }, old))) return undefined;
  } else await records.create([{ record: next, ...applicable }]);
  const { deliveryId, index, turn, status } = next;
  if (status === 'pending') await queue.send({ deliveryId, index, turn });
  return next;
}

/** A fresh record that goes on where the old one stands: its timeline, and a turn that makes old messages leftovers. */
function withHistory(record: DeliveryRecord, old: DeliveryRecord, now: Date): DeliveryRecord {
  const replayedAt = now.toISOString();
  const attempt = { at: replayedAt, outcome: 'replayed' };
  return withAttempt({ ...record, replayedAt, turn: old.turn + 1, attempts: old.attempts }, attempt);
}
