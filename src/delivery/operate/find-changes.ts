import type { DeliveryRecord } from '../record/record.ts';
import type { RecordFilter, RecordPage } from '../record/record-filter.ts';
import type { Tables } from '../store/stores.ts';

/** What an operator looks for, of one customer or of all. */
export interface ChangeFilter extends RecordFilter {
  readonly customerId?: string | undefined;
}

/** The changes that match, newest first. `from`: the `next` of the page before. Throws what storage throws. */
export async function findChanges(
  { customerId, ...filter }: ChangeFilter,
  pageSize: number,
  from: string | undefined,
  { records: stored, states }: Tables,
): Promise<RecordPage> {
  if (!customerId) return stored.list(filter, pageSize, from);

  // A customer has few deliveries: they are read one by one from its index.
  const records: DeliveryRecord[] = [];
  const ids = (await states.deliveriesOf(customerId)).filter((id) => !from || id < from);
  for (const deliveryId of ids) {
    if (records.length >= pageSize) return { records, next: records.at(-1)?.deliveryId ?? '' };
    const ofDelivery = (await stored.ofDelivery(deliveryId)).map(({ record }) => record);
    records.push(
      ...ofDelivery.filter((record) => record.customerId === customerId && matches(record, filter)),
    );
  }
  return { records };
}

function matches(
  { status, reason, source, foundBy, receivedAt }: DeliveryRecord,
  wanted: RecordFilter,
): boolean {
  const received = new Date(receivedAt);
  return (
    (!wanted.status || status === wanted.status) &&
    (!wanted.reason || reason === wanted.reason) &&
    (!wanted.source || source === wanted.source) &&
    (!wanted.foundBy || foundBy === wanted.foundBy) &&
    (!wanted.since || received >= wanted.since) &&
    (!wanted.until || received < wanted.until)
  );
}
