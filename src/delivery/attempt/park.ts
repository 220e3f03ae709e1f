import { queueSource } from '../../config/source.ts';
import { deliveryIdentity, deliveryIdOf } from '../record/delivery-id.ts';
import { type ChangeMessage, type Message, messageText, type Taken } from '../record/message.ts';
import { packRequest } from '../record/packed-request.ts';
import { type DeliveryRecord, emptyRecord, type ParkingReason } from '../record/record.ts';
import type { AttemptContext } from './attempt-change.ts';

/** Keeps a message of the queue that is none of the relay's whole, for a person to look at. */
export async function parkUnreadable(input: unknown, { stores, now }: AttemptContext): Promise<void> {
  const text = messageText(input);
  const deliveryId = deliveryIdOf(now(), deliveryIdentity(queueSource, text));
  const record = {
    ...emptyRecord({ deliveryId, index: 0, source: queueSource }),
    status: 'parked' as const,
    reason: 'unreadable-message',
  };
  await stores.records.create([{ record }], packRequest({ headers: new Headers(), body: Buffer.from(text) }));
}

/** Parks what a message carries whose attempts crashed. Returns the records; none if it is not pending any more. */
export async function parkPoison(message: Message, context: AttemptContext): Promise<DeliveryRecord[]> {
  if (!('deliveries' in message)) return parkChange(message, context);
  const parked: DeliveryRecord[] = [];
  for (const taken of message.deliveries) parked.push(...(await parkTaken(taken, 'poison', context)));
  return parked;
}

async function parkChange(message: ChangeMessage, context: AttemptContext): Promise<DeliveryRecord[]> {
  const { records } = context.stores;
  const stored = await records.read(message);
  if (stored?.record.status !== 'pending' || message.turn < stored.record.turn) return [];
  const record: DeliveryRecord = { ...stored.record, status: 'parked', reason: 'poison' };
  if (await records.update({ record }, stored)) return [record];
  // Lost: to another message of the same change, which decides, or to whoever sent this one and only now says so.
  return parkChange(message, context);
}

/** Parks a delivery that nobody could record so far: whole, to be replayed. Returns its record; none if others are there. */
export async function parkTaken(
  taken: Taken,
  reason: ParkingReason,
  { stores }: Pick<AttemptContext, 'stores'>,
): Promise<DeliveryRecord[]> {
  if ((await stores.records.ofDelivery(taken.id)).length > 0) return [];
  const record: DeliveryRecord = {
    ...emptyRecord({ deliveryId: taken.id, index: 0, source: taken.source }),
    status: 'parked',
    reason,
  };
  const request =
    taken.body === undefined
      ? undefined
      : { headers: taken.headers, body: Buffer.from(taken.body, 'base64') };
  await stores.records.create([{ record }], request);
  return [record];
}
