import { odata, type TableClient, type TableEntity } from '@azure/data-tables';
import { dayOf } from '../record/delivery-id.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { RecordReference } from '../record/record-filter.ts';
import { recordOf, recordText, recordTextIsIn } from './record-rows.ts';
import { isLost, isMissing, unless } from './storage-errors.ts';

/** A change that concerns a customer. */
export interface NotedChange extends RecordReference {
  /** A copy of its record; absent: it is to be looked up. */
  readonly record?: DeliveryRecord | undefined;
}

/**
 * The index of the changes of each customer, beside its state: so that they are found without a search, and forgotten. A
 * change that an attempt finishes is noted with a copy of its record by the write that finishes it, all others by
 * {@link notingRecords}.
 */
export interface NotedChanges {
  /** Notes that a change concerns a customer. Replaces what was noted of it before. Gives the version of the note. */
  note(customerId: string, noted: NotedChange): Promise<string | undefined>;
  /** Adds the copy to a note, unless somebody else has noted the change since. */
  addCopy(customerId: string, record: DeliveryRecord, etag: string): Promise<void>;
  /** Takes a note back. */
  unnote(customerId: string, change: RecordReference): Promise<void>;
  /** Which changes concern the customer, newest first: those of deliveries with an id below `before`. */
  changesOf(customerId: string, before?: string): Promise<RecordReference[]>;
  /** The same with the copies that there are, from the oldest to the newest of two changes; in no order. One call. */
  copiesOf(customerId: string, oldest: RecordReference, newest: RecordReference): Promise<NotedChange[]>;
  /** The customer's deliveries, newest first. */
  deliveriesOf(customerId: string): Promise<string[]>;
  /** Forgets the deliveries received before a day, but none of `kept`; returns how many rows. */
  removeDeliveriesBefore(day: Date, kept: ReadonlySet<string>): Promise<number>;
}

/** Most deliveries have one change for a customer: its row is named by the delivery alone. */
const rowOf = ({ deliveryId, index }: RecordReference): string =>
  index === 0 ? `d${deliveryId}` : `d${deliveryId}~${String(index).padStart(5, '0')}`;

function referenceIn({ rowKey = '' }: { readonly rowKey?: string }): RecordReference {
  const [deliveryId = '', index = '0'] = rowKey.slice(1).split('~');
  return { deliveryId, index: Number(index) };
}

/** The row of a change that concerns a customer. */
export function notedRow(customerId: string, { record, ...change }: NotedChange) {
  return { partitionKey: customerId, rowKey: rowOf(change), ...(record && recordText(record)) };
}

export function tableNotedChanges(table: TableClient): NotedChanges {
  async function changesOf(customerId: string, before?: string): Promise<RecordReference[]> {
    const end = before === undefined ? 'e' : `d${before}`;
    const filter = odata`PartitionKey eq ${customerId} and RowKey ge ${'d'} and RowKey lt ${end}`;
    const rows = table.listEntities<TableEntity>({ queryOptions: { filter, select: ['rowKey'] } });
    const changes: RecordReference[] = [];
    for await (const row of rows) changes.push(referenceIn(row));
    return changes.reverse();
  }

  const remove = (customerId: string, rowKey: string): Promise<unknown> =>
    unless(isMissing, undefined, () => table.deleteEntity(customerId, rowKey));

  return {
    async note(customerId, noted) {
      return (await table.upsertEntity(notedRow(customerId, noted), 'Replace')).etag;
    },

    async addCopy(customerId, record, etag) {
      const { deliveryId, index } = record;
      const row = notedRow(customerId, { deliveryId, index, record });
      await unless(isLost, undefined, () => table.updateEntity(row, 'Replace', { etag }));
    },

    async unnote(customerId, change) {
      await remove(customerId, rowOf(change));
    },

    changesOf,

    async copiesOf(customerId, oldest, newest) {
      const filter = odata`PartitionKey eq ${customerId} and RowKey ge ${rowOf(oldest)} and RowKey le ${rowOf(newest)}`;
      const copies: NotedChange[] = [];
      for await (const row of table.listEntities<{ rowKey?: string }>({ queryOptions: { filter } }))
        copies.push({ ...referenceIn(row), ...(recordTextIsIn(row) && { record: recordOf(row) }) });
      return copies;
    },

    async deliveriesOf(customerId) {
      return [...new Set((await changesOf(customerId)).map(({ deliveryId }) => deliveryId))];
    },

    async removeDeliveriesBefore(day, kept) {
      const filter = odata`RowKey ge ${'d'} and RowKey lt ${`d${dayOf(day)}`}`;
      const rows = table.listEntities<{ partitionKey?: string; rowKey?: string }>({
        queryOptions: { filter, select: ['partitionKey', 'rowKey'] },
      });
      let removed = 0;
      for await (const { partitionKey = '', rowKey = '' } of rows) {
        if (kept.has(referenceIn({ rowKey }).deliveryId)) continue;
        await remove(partitionKey, rowKey);
        removed++;
      }
      return removed;
    },
  };
}
