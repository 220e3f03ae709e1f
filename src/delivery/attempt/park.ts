import { queueSource } from '../../config/source.ts';
import { deliveryIdentity, deliveryIdOf } from '../record/delivery-id.ts';
import { parkedRecord } from '../record/new-record.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { ChangeMessage } from '../store/change-queue.ts';
import type { AttemptContext } from './attempt.ts';

/** Keeps a message of the queue that is none of ours whole, for a person to look at. */
export async function parkUnreadable(input: unknown, { stores, now }: AttemptContext): Promise<void> {
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input));
  const deliveryId = deliveryIdOf(now(), deliveryIdentity(queueSource, text));
  const record = parkedRecord({ deliveryId, index: 0, source: queueSource }, 'unreadable-message');
  await stores.records.create([{ record }], { headers: new Headers(), body: Buffer.from(text) });
}

/** Parks a change whose attempts crashed. Undefined: it is not pending any more. */
export async function parkPoison(
  message: ChangeMessage,
  context: AttemptContext,
): Promise<DeliveryRecord | undefined> {
  const { records } = context.stores;
  const stored = await records.read(message);
  if (stored?.record.status !== 'pending' || message.turn < stored.record.turn) return undefined;
  const record: DeliveryRecord = { ...stored.record, status: 'parked', reason: 'poison' };
  // Lost to another message of the same change: that one decides.
  return (await records.update(record, stored.etag)) ? record : undefined;
}

const putBackMs = 30_000;

/** Puts a change back that could not even be read or recorded. */
export async function putBack(message: ChangeMessage, { stores }: AttemptContext): Promise<void> {
  await stores.queue.send(message, putBackMs);
}
