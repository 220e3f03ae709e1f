import type { DeliveryRecord } from '../record/record.ts';
import { forgetDelivery } from '../store/forget-delivery.ts';
import type { Stores } from '../store/stores.ts';

const pageSize = 500;

/** The records that systems keep of one customer: the ids of those records, by source. */
type RecordIds = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Deletes everything that is kept of one customer (privacy law), and remembers only that it was forgotten: what was
 * received before and is still in the queue must not come back. That includes what names only a record that is linked to it,
 * and requests to delete it. Returns how many records were deleted.
 */
export async function forgetCustomer(customerId: string, stores: Stores, now: Date): Promise<number> {
  const deliveries = new Set(await stores.states.deliveriesOf(customerId));
  const ids = await recordIdsOf(customerId, deliveries, stores);
  const isMeant = (record: DeliveryRecord) =>
    record.customerId === customerId || (record.customerId === undefined && namesOneOf(record, ids));
  for await (const record of openRecords(stores)) if (isMeant(record)) deliveries.add(record.deliveryId);
  // First of all: from now on nothing that was received before is applied or recorded.
  await stores.states.forget(customerId, now);
  let removed = 0;
  for (const deliveryId of deliveries) removed += await forgetDelivery(deliveryId, isMeant, stores);
  await stores.customerPauses.remove(customerId);
  await stores.links.forgetOf(customerId, now);
  return removed;
}

/** By its links, and by what was recorded of it. */
async function recordIdsOf(
  customerId: string,
  deliveries: ReadonlySet<string>,
  { links, records }: Stores,
): Promise<RecordIds> {
  const ids = new Map<string, Set<string>>();
  const add = (source: string, recordId: string) =>
    ids.set(source, (ids.get(source) ?? new Set()).add(recordId));
  let from: string | undefined;
  do {
    const page = await links.list({ customerId }, pageSize, from);
    for (const { source, recordId } of page.links) add(source, recordId);
    from = page.next;
  } while (from);
  for (const deliveryId of deliveries) {
    for (const { record } of await records.ofDelivery(deliveryId)) {
      const { source, recordId } = record;
      if (record.customerId === customerId && recordId !== undefined) add(source, recordId);
    }
  }
  return ids;
}

/** Its record id is one of them; or it is for a person, who is told which record is to be deleted. */
function namesOneOf({ source, recordId, reason, note }: DeliveryRecord, all: RecordIds): boolean {
  const ids = all.get(source);
  if (!ids) return false;
  if (recordId !== undefined) return ids.has(recordId);
  return reason === 'for-a-person' && note !== undefined && [...ids].some((id) => isNamedIn(note, id));
}

/** As a word of its own: 32 is not in "customer 320". */
function isNamedIn(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    const around = (text[at - 1] ?? ' ') + (text[at + id.length] ?? ' ');
    if (!/[\p{L}\p{N}]/u.test(around)) return true;
  }
  return false;
}

/** Those that wait, or are parked. The others were applied or ignored: they are in the index of their customer, or nothing is kept of them. */
async function* openRecords({ records }: Stores): AsyncGenerator<DeliveryRecord> {
  for (const status of ['parked', 'pending'] as const) {
    let from: string | undefined;
    do {
      const page = await records.list({ status }, pageSize, from);
      yield* page.records;
      from = page.next;
    } while (from);
  }
}
