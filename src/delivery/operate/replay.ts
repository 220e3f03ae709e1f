import type { Source } from '../../config/source.ts';
import { MalformedDelivery } from '../../sources/kind.ts';
import { receivedAtOf } from '../record/delivery-id.ts';
import { emptyRecord, ignoredRecord, pendingRecord, recordsOf } from '../record/new-record.ts';
import { attemptsKept, type DeliveryRecord, type StoredChange } from '../record/record.ts';
import type { NewRecord } from '../store/records.ts';
import type { Stores } from '../store/stores.ts';
import { type DeliveryContent, readDelivery } from '../take/receive.ts';

/** What became of a request to replay a delivery. */
export type Replayed =
  | { readonly type: 'replayed'; readonly records: readonly DeliveryRecord[] }
  /** Today's mapping cannot turn it into a change either; the record says why. */
  | { readonly type: 'unmappable'; readonly records: readonly DeliveryRecord[] }
  | { readonly type: 'unknown' }
  /** Its body is not kept: it was ignored, or its source is not in relay.json any more and it made no change. */
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
  const { source, topic } = first.record;
  const content = await mapAgain(deliveryId, sources.get(source), stores);
  const entries = content ? recordsOf(content, { deliveryId, source, topic }) : storedEntries(existing);
  if (entries.length === 0) return { type: 'nothing-to-replay' };

  // One of its customers may have been forgotten: a position in the list is not a position in the delivery.
  const before = new Map(existing.map((stored) => [stored.record.index, stored]));
  const replayed: DeliveryRecord[] = [];
  for (const { record, change, thin } of entries) {
    const old = before.get(record.index);
    const next = old ? withHistory(record, old.record, now) : record;
    if (old) {
      // Somebody was faster: begin again with what is there now.
      if (!(await records.update(next, old.etag, { change, thin })))
        return replay(deliveryId, sources, stores, now);
    } else await records.create([{ record: next, change, thin }]);
    if (next.customerId) await stores.states.addDelivery(next.customerId, deliveryId);
    if (next.status === 'pending')
      await stores.queue.send({ deliveryId, index: next.index, turn: next.turn });
    replayed.push(next);
  }
  // Today's mapping makes fewer changes of it than the one before.
  for (const { record, etag } of content
    ? existing.filter(({ record }) => record.index >= entries.length)
    : []) {
    const ended = withHistory(ignoredRecord({ ...record, topic }, 'no longer mapped'), record, now);
    await records.update(ended, etag);
    replayed.push(ended);
  }
  return { type: content?.type === 'unmappable' ? 'unmappable' : 'replayed', records: replayed };
}

async function mapAgain(
  deliveryId: string,
  source: Source | undefined,
  { records }: Stores,
): Promise<DeliveryContent | undefined> {
  const request = source && (await records.request(deliveryId));
  if (!request) return undefined;
  try {
    return await readDelivery(source, request, receivedAtOf(deliveryId));
  } catch (error) {
    if (!(error instanceof MalformedDelivery)) throw error;
    return { type: 'unmappable', violations: [{ path: '', message: error.message }] };
  }
}

/** Without a body (the direct route, a forgotten customer) or without the source: what was made of it then. */
function storedEntries(existing: readonly StoredChange[]): NewRecord[] {
  return existing.flatMap(({ record, change, thin }): NewRecord[] => {
    if (change) return [{ record: pendingRecord(record, change), change }];
    return thin === undefined ? [] : [{ record: emptyRecord(record), thin }];
  });
}

/** A fresh record that goes on where the old one stands: its timeline, and a turn that makes old messages leftovers. */
function withHistory(record: DeliveryRecord, old: DeliveryRecord, now: Date): DeliveryRecord {
  const attempt = { at: now.toISOString(), outcome: 'replayed' };
  return { ...record, turn: old.turn + 1, attempts: [...old.attempts, attempt].slice(-attemptsKept) };
}
