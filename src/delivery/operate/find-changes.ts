import { openKindOf } from '../record/open-kind.ts';
import { type DeliveryRecord, fieldsIn } from '../record/record.ts';
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

  // A customer has few deliveries: they are read from its index, some at a time.
  const records: DeliveryRecord[] = [];
  const ids = (await states.deliveriesOf(customerId)).filter((id) => !from || id < from);
  for (let start = 0; start < ids.length; start += readsAtATime) {
    const some = ids.slice(start, start + readsAtATime);
    const deliveries = await Promise.all(some.map((id) => stored.ofDelivery(id)));
    for (const [place, delivery] of deliveries.entries()) {
      if (records.length >= pageSize) return { records, next: some[place - 1] ?? ids[start - 1] ?? '' };
      const ofCustomer = delivery.map(({ record }) => record).filter((one) => one.customerId === customerId);
      records.push(...ofCustomer.filter((record) => matches(record, filter)));
    }
  }
  return { records };
}

const readsAtATime = 16;

function matches(record: DeliveryRecord, wanted: RecordFilter): boolean {
  const { status, reason, source, foundBy, receivedAt, recordId } = record;
  const received = new Date(receivedAt);
  return (
    (!wanted.status || status === wanted.status) &&
    (!wanted.reason || reason === wanted.reason) &&
    (!wanted.source || source === wanted.source) &&
    (!wanted.foundBy || foundBy === wanted.foundBy) &&
    (!wanted.field || fieldsIn(record).includes(wanted.field)) &&
    (wanted.recordId === undefined || recordId === wanted.recordId) &&
    (!wanted.isLeftOut || openKindOf(record) === 'left-out') &&
    (!wanted.since || received >= wanted.since) &&
    (!wanted.until || received < wanted.until)
  );
}
