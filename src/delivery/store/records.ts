import { odata, type TableClient, type TableEntity, type TransactionAction } from '@azure/data-tables';
import { createSharedWrite } from '../../lib/shared-write.ts';
import { sideBySide } from '../../lib/side-by-side.ts';
import { partitionOf, recordKeys } from '../record/delivery-id.ts';
import { hourOf } from '../record/hour-counts.ts';
import { openKindOf, openKinds } from '../record/open-kind.ts';
import type { PackedRequest } from '../record/packed-request.ts';
import type { DeliveryRecord, RecordedChange, StoredChange } from '../record/record.ts';
import type { RecordFilter, RecordPage, RecordReference } from '../record/record-filter.ts';
import {
  type DeliveryRows,
  groupsOf,
  isInHead,
  type Row,
  requestOf,
  requestRows,
  rowsOfDelivery,
  transactionRows,
} from './delivery-rows.ts';
import { fieldConditions } from './field-columns.ts';
import { type OpenChanges, type OpenCopy, pagesReadAtOnce } from './open-changes.ts';
import {
  changeKeys,
  packChange,
  recordColumnNames,
  recordColumns,
  recordOf,
  recordTextOf,
  storedOf,
} from './record-rows.ts';
import { isConflict, isLost, isMissing, isStorageRefusal, unless } from './storage-errors.ts';

/** The deliveries table: a row for each change, rows for the request, newest first, an hour in a partition. */
export interface Records {
  /**
   * Writes the records of a delivery, with its request unless that is kept already. Does nothing if they are there. Returns
   * whether it wrote the first of them.
   */
  create(changes: readonly RecordedChange[], request?: PackedRequest): Promise<boolean>;
  read(reference: RecordReference): Promise<StoredChange | undefined>;
  /** Returns false if the record was changed since it was read. A `next` without anything to apply leaves that as it is. */
  update(next: RecordedChange, before: StoredChange): Promise<boolean>;
  /** Every record of a delivery, by position; none as long as it is not written whole. */
  ofDelivery(deliveryId: string): Promise<StoredChange[]>;
  /** Keeps the request of a delivery ahead of its records. Does nothing if it is there. */
  keepRequest(deliveryId: string, request: PackedRequest): Promise<void>;
  request(deliveryId: string): Promise<PackedRequest | undefined>;
  removeRequest(deliveryId: string): Promise<void>;
  list(filter: RecordFilter, pageSize: number, from?: string): Promise<RecordPage>;
  /** The hours (ISO 8601) between two times in which a record was written since a third one, by the clock of storage. */
  hoursWritten(since: Date, until: Date, writtenSince: Date): Promise<Set<string>>;
  /** Deletes those records of a delivery, and its request, which may say more. Returns how many records. */
  removeOf(deliveryId: string, isMeant: (record: DeliveryRecord) => boolean): Promise<number>;
  /** Deletes the deliveries received before a day, but none that is pending; returns how many rows. */
  removeBefore(day: Date): Promise<number>;
}

const callsAtATime = 8;

export function tableRecords(table: TableClient, open: OpenChanges): Records {
  /** Returns false if one of the rows is there already. */
  const create = async (rows: readonly Row[]): Promise<boolean> => {
    const actions = rows.map((row): TransactionAction => ['create', row as TableEntity]);
    return (await unless(isConflict, undefined, () => table.submitTransaction(actions))) !== undefined;
  };
  /** Gives the deliveries of the group that it wrote. */
  const createTogether = createSharedWrite<DeliveryRows, ReadonlySet<DeliveryRows>>(
    groupsOf,
    async (deliveries) => {
      if (await create(deliveries.flatMap(({ rows }) => rows))) return new Set(deliveries);
      const written = new Set<DeliveryRows>();
      // One of the deliveries is there already: each for itself.
      if (deliveries.length > 1)
        for (const delivery of deliveries) if (await create(delivery.rows)) written.add(delivery);
      return written;
    },
    isStorageRefusal,
  );

  /** `~` sorts after every character of a key. */
  async function rowsOf(kind: 'b' | 'c', deliveryId: string): Promise<Row[]> {
    const { partitionKey, rowPrefix } = recordKeys(deliveryId);
    const [from, to] = [`${kind}${rowPrefix}~`, `${kind}${rowPrefix}~~`];
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${to}`;
    const rows: Row[] = [];
    for await (const row of table.listEntities<Row>({ queryOptions: { filter } })) rows.push(row);
    return rows;
  }

  async function removeRows(rows: readonly TableEntity[]): Promise<void> {
    for (let start = 0; start < rows.length; start += transactionRows) {
      const actions = rows
        .slice(start, start + transactionRows)
        .map(
          ({ partitionKey, rowKey }): TransactionAction => [
            'delete',
            { partitionKey: String(partitionKey), rowKey: String(rowKey) },
          ],
        );
      await unless(isMissing, undefined, () => table.submitTransaction(actions));
    }
  }

  async function read(reference: RecordReference): Promise<StoredChange | undefined> {
    const { partitionKey, rowKey } = changeKeys(reference);
    const row = await unless(isMissing, undefined, () => table.getEntity<Row>(partitionKey, rowKey));
    return row && storedOf(row);
  }

  /** If the answer to a write was lost, the SDK writes once more, and storage says that somebody was faster. */
  async function isThere(row: Row): Promise<boolean> {
    const { partitionKey = '', rowKey = '' } = row;
    const current = await unless(isMissing, undefined, () => table.getEntity<Row>(partitionKey, rowKey));
    return current !== undefined && recordTextOf(current) === recordTextOf(row);
  }

  const recorded = async (reference: RecordReference) => (await read(reference))?.record;

  /** Of a record that somebody else has written: its copy stays, unconfirmed, if it is of the kind that the record is of. */
  async function withdrawIfWrong(copy: OpenCopy): Promise<void> {
    const record = await recorded(copy);
    if (!record || openKindOf(record) !== copy.kind) await open.withdraw(copy);
  }

  return {
    read,

    async create(changes, request) {
      const [first] = changes;
      if (!first) return false;
      const copies = await Promise.all(changes.map(({ record }) => open.put(record)));
      const { head, rest } = rowsOfDelivery(changes, request);
      let isWhole = true;
      // The head holds the first change and comes last: a delivery whose first record is there is there whole.
      for (const rows of rest) isWhole = (await create(rows)) && isWhole;
      const isWritten = (await createTogether(head)).has(head);
      if (isWritten && isWhole) await Promise.all(copies.map((copy) => copy && open.confirm(copy)));
      else await sideBySide(copies, callsAtATime, async (copy) => copy && withdrawIfWrong(copy));
      return isWritten;
    },

    async update(next, before) {
      const [kindBefore, kindNext] = [openKindOf(before.record), openKindOf(next.record)];
      const [copy, copyBefore] = await Promise.all([
        open.put(next.record),
        // From now on what the index says of it has to be looked up.
        kindBefore === kindNext ? undefined : open.put(before.record),
      ]);
      const isApplicable = next.change !== undefined || next.thin !== undefined;
      const packed = packChange(isApplicable ? next : before);
      const row = { ...changeKeys(next.record), ...recordColumns(next.record), ...packed };
      // As a whole: the record, or what is to be applied, may need fewer columns than before.
      const write = () => table.updateEntity(row, 'Replace', { etag: before.etag });
      const updated = (await unless(isLost, undefined, write)) !== undefined || (await isThere(row));
      if (updated) {
        if (copy) await open.confirm(copy);
        if (copyBefore) await open.withdraw(copyBefore);
      } else await Promise.all([copy, copyBefore].map((own) => own && withdrawIfWrong(own)));
      return updated;
    },

    async ofDelivery(deliveryId) {
      const changes = (await rowsOf('c', deliveryId)).map(storedOf);
      return changes.some(({ record }) => isInHead(record)) ? changes : [];
    },

    async keepRequest(deliveryId, request) {
      for (const row of requestRows(deliveryId, request)) await create([row]);
    },

    async request(deliveryId) {
      return requestOf(await rowsOf('b', deliveryId));
    },

    async removeRequest(deliveryId) {
      await removeRows(await rowsOf('b', deliveryId));
    },

    async list(filter, pageSize, from) {
      const { status } = filter;
      const kind = filter.isLeftOut ? 'left-out' : status;
      if (kind === 'pending' || kind === 'parked' || kind === 'left-out')
        return open.list(kind, filter, recorded, pageSize, from);
      const pages = table
        .listEntities<TableEntity>({
          queryOptions: { filter: conditionOf(filter), select: recordColumnNames },
        })
        .byPage({ maxPageSize: pageSize, ...(from && { continuationToken: from }) });
      const records: DeliveryRecord[] = [];
      let pagesLeft = pagesReadAtOnce;
      // A page of a filtered query can be short or empty though more follows.
      for await (const page of pages) {
        records.push(...page.map(recordOf));
        const next = page.continuationToken;
        if (records.length > 0 || !next || --pagesLeft === 0) return { records, ...(next && { next }) };
      }
      return { records };
    },

    async hoursWritten(since, until, writtenSince) {
      const filter = `${conditionOf({ since, until })}${odata` and Timestamp ge ${writtenSince}`}`;
      const rows = table.listEntities<{ receivedAt: string }>({
        queryOptions: { filter, select: ['receivedAt'] },
      });
      const hours = new Set<string>();
      for await (const { receivedAt } of rows) hours.add(hourOf(new Date(receivedAt)).toISOString());
      return hours;
    },

    async removeOf(deliveryId, isMeant) {
      const concerned = (await rowsOf('c', deliveryId)).filter((row) => isMeant(recordOf(row)));
      // A process that died may have left a copy of another kind.
      for (const row of concerned) for (const kind of openKinds) await open.remove(recordOf(row), kind);
      await removeRows(await rowsOf('b', deliveryId));
      await removeRows(concerned);
      return concerned.length;
    },

    async removeBefore(day) {
      // A change can wait for a right key for longer than that. It stays, request and all.
      const pending = await pendingBefore(day, open, recorded);
      const filter = odata`PartitionKey gt ${partitionOf(day)}`;
      const rows = table.listEntities<TableEntity>({
        queryOptions: { filter, select: ['partitionKey', 'rowKey', 'status', 'open', ...recordColumnNames] },
      });
      let removed = 0;
      for await (const page of rows.byPage({ maxPageSize: 1000 })) {
        const old = page.filter((row) => !pending.has(prefixOf(row)));
        for (const row of old.filter(isInIndex)) {
          const record = recordOf(row);
          const kind = openKindOf(record);
          if (kind) await open.remove(record, kind);
        }
        for (const same of Map.groupBy(old, ({ partitionKey }) => partitionKey).values())
          await removeRows(same);
        removed += old.length;
      }
      return removed;
    },
  };
}

async function pendingBefore(
  day: Date,
  open: OpenChanges,
  recorded: Parameters<OpenChanges['list']>[2],
): Promise<Set<string>> {
  const prefixes = new Set<string>();
  let from: string | undefined;
  do {
    const page = await open.list('pending', { until: day }, recorded, transactionRows, from);
    for (const record of page.records) prefixes.add(prefixOf(changeKeys(record)));
    from = page.next;
  } while (from);
  return prefixes;
}

/** Whether the row of a record has a copy; those of earlier versions say only their status. */
function isInIndex(row: object): boolean {
  return Reflect.get(row, 'open') !== undefined || Reflect.get(row, 'status') === 'parked';
}

/** What the keys of all rows of a delivery have in common. */
function prefixOf({ partitionKey, rowKey }: Pick<TableEntity, 'partitionKey' | 'rowKey'>): string {
  return `${partitionKey}/${String(rowKey).slice(1).split('~')[0]}`;
}

function conditionOf(filter: RecordFilter): string {
  const { status, reason, source, foundBy, since, until } = filter;
  return [
    odata`RowKey ge ${'c'}`,
    ...(since
      ? [odata`PartitionKey le ${partitionOf(since)}`, odata`receivedAt ge ${since.toISOString()}`]
      : []),
    ...(until
      ? [odata`PartitionKey ge ${partitionOf(until)}`, odata`receivedAt lt ${until.toISOString()}`]
      : []),
    ...(status ? [odata`status eq ${status}`] : []),
    ...(reason ? [odata`reason eq ${reason}`] : []),
    ...(source ? [odata`source eq ${source}`] : []),
    ...(foundBy ? [odata`foundBy eq ${foundBy}`] : []),
    ...fieldConditions(filter),
  ].join(' and ');
}
