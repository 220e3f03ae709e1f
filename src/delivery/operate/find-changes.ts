import { dayOf } from '../record/delivery-id.ts';
import { openKindOf } from '../record/open-kind.ts';
import { type DeliveryRecord, fieldsIn } from '../record/record.ts';
import type { RecordFilter, RecordPage, RecordReference } from '../record/record-filter.ts';
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
  tables: Tables,
): Promise<RecordPage> {
  return customerId
    ? findOfCustomer(customerId, filter, pageSize, from, tables)
    : tables.records.list(filter, pageSize, from);
}

/** So many of a customer's changes are read for a page, with one call, if it is not full before. */
const leastRead = 100;
/** With that for the names of the changes, four calls for a page: it may be short, or empty, with a next one. */
const readsForPage = 3;
/** Of changes that were noted without a copy of their record. */
const lookUpsAtATime = 16;

async function findOfCustomer(
  customerId: string,
  filter: RecordFilter,
  pageSize: number,
  from: string | undefined,
  tables: Pick<Tables, 'records' | 'states'>,
): Promise<RecordPage> {
  const ofDeliveries = Map.groupBy(
    await tables.states.changesOf(customerId, from),
    ({ deliveryId }) => deliveryId,
  );
  const groups = [...ofDeliveries.values()].filter(([first]) => first && isWithin(first, filter));
  const records: DeliveryRecord[] = [];
  const atOnce = Math.max(pageSize, leastRead);
  let read = 0;
  while (read < Math.min(groups.length, atOnce * readsForPage)) {
    const some = groups.slice(read, read + atOnce);
    const recordsOf = await readSome(customerId, some.flat(), tables);
    for (let start = 0; start < some.length; start += lookUpsAtATime) {
      const few = some.slice(start, start + lookUpsAtATime);
      const found = await Promise.all(few.map(recordsOf));
      for (const [place, ofDelivery] of found.entries()) {
        if (records.length >= pageSize) return { records, next: nextAfter(groups, read + start + place) };
        records.push(...ofDelivery.filter((record) => matches(record, filter)));
      }
    }
    read += some.length;
  }
  return { records, ...(read < groups.length && { next: nextAfter(groups, read) }) };
}

/** A page that comes next begins after the last delivery of this one. */
function nextAfter(groups: readonly (readonly RecordReference[])[], read: number): string {
  return groups[read - 1]?.[0]?.deliveryId ?? '';
}

/**
 * Reads what the customer's index holds of these changes, newest first, and says how to come to the records of those of one
 * delivery: by their copies, or, if one of them has none (it is being written, or was noted by an earlier version), as
 * they are recorded.
 */
async function readSome(
  customerId: string,
  changes: readonly RecordReference[],
  { records, states }: Pick<Tables, 'records' | 'states'>,
): Promise<(ofDelivery: readonly RecordReference[]) => Promise<readonly DeliveryRecord[]>> {
  const [newest, oldest] = [changes[0], changes.at(-1)];
  if (!newest || !oldest) return async () => [];
  const noted = await states.copiesOf(customerId, oldest, newest);
  const copies = Map.groupBy(
    noted.flatMap(({ record }) => record ?? []),
    ({ deliveryId }) => deliveryId,
  );
  return async (ofDelivery) => {
    const deliveryId = ofDelivery[0]?.deliveryId ?? '';
    const copied = copies.get(deliveryId) ?? [];
    if (copied.length === ofDelivery.length) return copied;
    const recorded = (await records.ofDelivery(deliveryId)).map(({ record }) => record);
    return recorded.filter((record) => record.customerId === customerId);
  };
}

/** Whether a delivery may have been received then, by the day in its id. */
function isWithin({ deliveryId }: RecordReference, { since, until }: RecordFilter): boolean {
  return (!since || deliveryId >= dayOf(since)) && (!until || deliveryId.slice(0, 8) <= dayOf(until));
}

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
