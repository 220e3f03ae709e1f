import { sideBySide } from '../../lib/side-by-side.ts';
import { currentTraceparent } from '../../telemetry/telemetry.ts';
import { countAccepted } from '../record/change-metrics.ts';
import { deliveryIdentity, deliveryIdOf } from '../record/delivery-id.ts';
import { ignoredRecord, recordsOf } from '../record/new-record.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { ChangeMessage } from '../store/change-queue.ts';
import type { Stores } from '../store/stores.ts';
import type { AuthenticDelivery } from './receive.ts';

export interface Accepted {
  readonly deliveryId: string;
  /** True: the same delivery was taken before, under this id; nothing was done. */
  readonly isRepeat: boolean;
  /** One for each change; one for a delivery without changes. Empty for a repeat. */
  readonly records: readonly DeliveryRecord[];
}

/** So many calls to storage at a time, for a delivery of many changes. */
const callsAtATime = 32;

/**
 * Makes a delivery durable: when this resolves, its changes are recorded and in the queue, visible after `delayMs`.
 * A crash at any point leaves a delivery that the sender's repeat completes under the same id.
 * Throws what storage throws: then the sender must send again.
 */
export async function accept(
  source: string,
  delivery: AuthenticDelivery,
  stores: Stores,
  now: Date,
  delayMs = 0,
): Promise<Accepted> {
  const { senderId, topic, request } = delivery;
  const identity = deliveryIdentity(source, senderId);
  const newId = deliveryIdOf(now, identity);
  if (delivery.type === 'ignored') {
    // One write: no body, and a repeat is merely ignored once more.
    const record = ignoredRecord({ deliveryId: newId, index: 0, source, topic }, delivery.reason);
    await stores.records.create([{ record }]);
    countAccepted(record);
    return { deliveryId: newId, isRepeat: false, records: [record] };
  }

  const { deliveryId, isSafe } = await stores.seen.add(identity, newId);
  if (isSafe) return { deliveryId, isRepeat: true, records: [] };

  const entries = recordsOf(delivery, { deliveryId, source, topic });
  const records = entries.map(({ record }) => record);
  const pending = records.filter(({ status }) => status === 'pending');
  const known = pending.flatMap(({ customerId }) => (customerId ? [customerId] : []));
  await Promise.all([
    stores.records.create(entries, request),
    sideBySide(known, callsAtATime, (customerId) => stores.states.addDelivery(customerId, deliveryId)),
  ]);
  const messages = deliveryId === newId ? pending.map(messageOf) : await reopen(pending, stores);
  // Only now: a message without its record would be taken for a leftover.
  await sideBySide(messages, callsAtATime, (message) => stores.queue.send(message, delayMs));
  // Only now: a repeat is dismissed as soon as this is written.
  await stores.seen.markSafe(identity);
  records.forEach(countAccepted);
  return { deliveryId, isRepeat: false, records };
}

function messageOf({ deliveryId, index, turn }: DeliveryRecord): ChangeMessage {
  const traceparent = currentTraceparent();
  return { deliveryId, index, turn, ...(traceparent && { traceparent }) };
}

/** The messages of a delivery that was begun before: what its caller was told is not possible is tried after all. */
async function reopen(pending: readonly DeliveryRecord[], { records }: Stores): Promise<ChangeMessage[]> {
  const messages: ChangeMessage[] = [];
  for (const { deliveryId, index } of pending) {
    const stored = await records.read({ deliveryId, index });
    if (!stored) continue;
    const { reason: _, ...record } = stored.record;
    const next: DeliveryRecord =
      record.status === 'returned' ? { ...record, status: 'pending', turn: record.turn + 1 } : stored.record;
    // Lost: somebody else takes it on.
    if (next.turn === record.turn || (await records.update(next, stored.etag)))
      messages.push(messageOf(next));
  }
  return messages;
}
