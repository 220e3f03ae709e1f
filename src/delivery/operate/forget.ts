import { forgetDelivery } from '../store/forget-delivery.ts';
import type { Stores } from '../store/stores.ts';

/**
 * Deletes everything that is kept of one customer (privacy law), and remembers only that it was forgotten: what was
 * received before and is still in the queue must not come back. Returns how many records were deleted.
 */
export async function forgetCustomer(customerId: string, stores: Stores, now: Date): Promise<number> {
  const deliveries = await stores.states.deliveriesOf(customerId);
  // First of all: from now on nothing that was received before is applied or recorded.
  await stores.states.forget(customerId, now);
  let removed = 0;
  for (const deliveryId of deliveries) removed += await forgetDelivery(deliveryId, customerId, stores);
  await stores.pauses.removeCustomer(customerId);
  await stores.links.forgetOf(customerId, now);
  return removed;
}
