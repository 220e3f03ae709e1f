import type { Tables } from './stores.ts';

/**
 * Deletes what a delivery says of a customer. If nothing is left of it, whoever asks for it is told that it is forgotten.
 * Returns how many records were deleted. Throws what storage throws; then it can be repeated.
 */
export async function forgetDelivery(
  deliveryId: string,
  customerId: string,
  { records, seen }: Pick<Tables, 'records' | 'seen'>,
): Promise<number> {
  const removed = await records.removeCustomer(deliveryId, customerId);
  if ((await records.ofDelivery(deliveryId)).length === 0) await seen.markForgotten(deliveryId);
  return removed;
}
