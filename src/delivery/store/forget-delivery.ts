import type { DeliveryRecord } from '../record/record.ts';
import type { Tables } from './stores.ts';

/**
 * Deletes what a delivery says of a customer: the records that are meant. If nothing is left of it, whoever asks for it is
 * told that it is forgotten. Returns how many records were deleted. Throws what storage throws; then it can be repeated.
 */
export async function forgetDelivery(
  deliveryId: string,
  isMeant: (record: DeliveryRecord) => boolean,
  { records, seen }: Pick<Tables, 'records' | 'seen'>,
): Promise<number> {
  const removed = await records.removeOf(deliveryId, isMeant);
  if ((await records.ofDelivery(deliveryId)).length === 0) await seen.markForgotten(deliveryId);
  return removed;
}
