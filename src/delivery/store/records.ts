import { odata, type TableClient, type TableEntity, type TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import { type Change, changeSchema } from '../../domain/change.ts';
import { keptBefore } from '../../sources/kept-request.ts';
import type { JsonValue, KeptRequest } from '../../sources/kind.ts';
import { dayOf, partitionOf, recordKeys } from '../record/delivery-id.ts';
import { type DeliveryRecord, recordSchema, type Status, type StoredChange } from '../record/record.ts';
import { pack, unpack } from './packed-columns.ts';
import { isConflict, isMissing, isOutdated, unless } from './storage-errors.ts';

/** Which record: a delivery and the position of the change in it. */
export interface RecordReference {
  readonly deliveryId: string;
  readonly index: number;
}

/** A record to be written, with what is to be applied. */
export interface NewRecord {
  readonly record: DeliveryRecord;
  readonly change?: Change | undefined;
  /** In place of the change: what names the record that has to be read first. */
  readonly thin?: JsonValue | undefined;
}

/** What an operator looks for. */
export interface RecordFilter {
  readonly status?: Status | undefined;
  readonly source?: string | undefined;
  /** Received at or after. */
  readonly since?: Date | undefined;
  /** Received before. */
  readonly until?: Date | undefined;
}

export interface RecordPage {
  readonly records: readonly DeliveryRecord[];
  /** Where the next page begins; absent after the last. */
  readonly next?: string;
}

/** The deliveries table: a row for each change, rows for the raw body, newest first. */
export interface Records {
  /** Writes the records of a delivery with its body. Does nothing when they are there already. */
  create(entries: readonly NewRecord[], request?: Pick<KeptRequest, 'headers' | 'body'>): Promise<void>;
  read(reference: RecordReference): Promise<StoredChange | undefined>;
  /** Returns false when the record was changed since it was read. What is to be applied stays, unless `news` says otherwise. */
  update(record: DeliveryRecord, etag: string, news?: Pick<NewRecord, 'change' | 'thin'>): Promise<boolean>;
  /** Every record of a delivery, by position. */
  ofDelivery(deliveryId: string): Promise<StoredChange[]>;
  request(deliveryId: string): Promise<KeptRequest | undefined>;
  list(filter: RecordFilter, pageSize: number, from?: string): Promise<RecordPage>;
  /** Deletes what a delivery says of a customer, and its body, which may say more. Returns how many records. */
  removeCustomer(deliveryId: string, customerId: string): Promise<number>;
  /** Deletes the deliveries received before a day, but none that is pending; returns how many rows. */
  removeBefore(day: Date): Promise<number>;
}

type Row = TableEntity<Record<string, unknown>>;

const changeRow = (prefix: string, index: number) => `c${prefix}~${String(index).padStart(5, '0')}`;
const bodyRow = (prefix: string, part: number) => `b${prefix}~${String(part).padStart(5, '0')}`;

/** A transaction holds at most 100 rows; a body's rows are large, so they go alone. */
const transactionRows = 100;

export function tableRecords(table: TableClient): Records {
  async function rowsBetween(partitionKey: string, from: string, to: string): Promise<Row[]> {
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${to}`;
    const rows: Row[] = [];
    for await (const row of table.listEntities<Row>({ queryOptions: { filter } })) rows.push(row);
    return rows;
  }

  /** `~` sorts after every character of a key. */
  const rowsOf = (kind: 'b' | 'c', deliveryId: string): Promise<Row[]> => {
    const { partitionKey, rowPrefix } = recordKeys(deliveryId);
    return rowsBetween(partitionKey, `${kind}${rowPrefix}~`, `${kind}${rowPrefix}~~`);
  };

  async function removeRows(rows: readonly TableEntity[]): Promise<void> {
    for (let start = 0; start < rows.length; start += transactionRows) {
      const actions = rows
        .slice(start, start + transactionRows)
        .map(
          (row): TransactionAction => [
            'delete',
            { partitionKey: String(row.partitionKey), rowKey: String(row.rowKey) },
          ],
        );
      await unless(isMissing, undefined, () => table.submitTransaction(actions));
    }
  }

  return {
    async create(records, request) {
      const first = records[0];
      if (!first) return;
      const { partitionKey, rowPrefix } = recordKeys(first.record.deliveryId);
      const bodyRows: Record<string, unknown>[] = request ? pack(request.body) : [];
      if (request && bodyRows[0]) bodyRows[0].headers = JSON.stringify([...request.headers]);
      const changeRows = records.map(
        ({ record, change, thin }): TableEntity<object> => ({
          partitionKey,
          rowKey: changeRow(rowPrefix, record.index),
          ...columnsOf(record),
          ...packedChange(change, thin),
        }),
      );
      // The last transaction holds the first change: a delivery whose first record is there is there whole.
      const groups: TableEntity<object>[][] = bodyRows
        .slice(1)
        .map((columns, part) => [{ partitionKey, rowKey: bodyRow(rowPrefix, part + 1), ...columns }]);
      for (let start = transactionRows - 1; start < changeRows.length; start += transactionRows) {
        groups.push(changeRows.slice(start, start + transactionRows));
      }
      const head = changeRows.slice(0, transactionRows - 1);
      if (bodyRows[0]) head.push({ partitionKey, rowKey: bodyRow(rowPrefix, 0), ...bodyRows[0] });
      groups.push(head);
      for (const rows of groups) {
        const actions = rows.map((row): TransactionAction => ['create', row]);
        await unless(isConflict, undefined, () => table.submitTransaction(actions));
      }
    },

    async read({ deliveryId, index }) {
      const { partitionKey, rowPrefix } = recordKeys(deliveryId);
      const row = await unless(isMissing, undefined, () =>
        table.getEntity<Row>(partitionKey, changeRow(rowPrefix, index)),
      );
      return row && storedOf(row);
    },

    async update(record, etag, { change, thin } = {}) {
      const { partitionKey, rowPrefix } = recordKeys(record.deliveryId);
      const row = {
        partitionKey,
        rowKey: changeRow(rowPrefix, record.index),
        ...columnsOf(record),
        ...packedChange(change, thin),
      };
      const updated = await unless(
        (error) => isOutdated(error) || isMissing(error),
        undefined,
        // What is to be applied is replaced as a whole: it may need fewer columns than before.
        () => table.updateEntity(row, change || thin !== undefined ? 'Replace' : 'Merge', { etag }),
      );
      return updated !== undefined;
    },

    async ofDelivery(deliveryId) {
      return (await rowsOf('c', deliveryId)).map(storedOf);
    },

    async request(deliveryId) {
      const rows = await rowsOf('b', deliveryId);
      const [first] = rows;
      if (!first) return undefined;
      const headers = headersSchema.parse(JSON.parse(String(Reflect.get(first, 'headers'))));
      return keptBefore({ headers: new Headers(headers), body: unpack(rows) });
    },

    async list({ status, source, since, until }, pageSize, from) {
      const conditions = [
        odata`RowKey ge ${'c'}`,
        ...(since
          ? [odata`PartitionKey le ${partitionOf(dayOf(since))}`, odata`receivedAt ge ${since.toISOString()}`]
          : []),
        ...(until
          ? [odata`PartitionKey ge ${partitionOf(dayOf(until))}`, odata`receivedAt lt ${until.toISOString()}`]
          : []),
        ...(status ? [odata`status eq ${status}`] : []),
        ...(source ? [odata`source eq ${source}`] : []),
      ];
      const pages = table
        .listEntities<TableEntity>({ queryOptions: { filter: conditions.join(' and '), select: ['record'] } })
        .byPage({ maxPageSize: pageSize, ...(from && { continuationToken: from }) });
      const records: DeliveryRecord[] = [];
      // A page of a filtered query can be short or empty though more follows.
      for await (const page of pages) {
        records.push(...page.map(recordOf));
        if (!page.continuationToken) return { records };
        if (records.length > 0) return { records, next: page.continuationToken };
      }
      return { records };
    },

    async removeCustomer(deliveryId, customerId) {
      const rows = await rowsOf('c', deliveryId);
      const hers = rows.filter((row) => recordOf(row).customerId === customerId);
      await removeRows(await rowsOf('b', deliveryId));
      await removeRows(hers);
      return hers.length;
    },

    async removeBefore(day) {
      const isOld = odata`PartitionKey gt ${partitionOf(dayOf(day))}`;
      const keysOf = (filter: string) =>
        table.listEntities<TableEntity>({ queryOptions: { filter, select: ['partitionKey', 'rowKey'] } });
      // A change can wait for a right key for longer than that. It stays, body and all.
      const pending = new Set<string>();
      for await (const row of keysOf(`${isOld} and status eq 'pending'`)) pending.add(deliveryOf(row));
      let removed = 0;
      for await (const page of keysOf(isOld).byPage({ maxPageSize: 1000 })) {
        const rows = page.filter((row) => !pending.has(deliveryOf(row)));
        for (const same of Map.groupBy(rows, ({ partitionKey }) => partitionKey).values())
          await removeRows(same);
        removed += rows.length;
      }
      return removed;
    },
  };
}

/** Day, time and hash: what all rows of a delivery have in common. */
function deliveryOf({ partitionKey, rowKey }: TableEntity): string {
  return `${partitionKey}/${String(rowKey).slice(1).split('~')[0]}`;
}

/** What is to be applied, or what names the record that has to be read first. */
const keptSchema = z.union([changeSchema, z.strictObject({ thin: z.json() })]);

const headersSchema = z.array(z.tuple([z.string(), z.string()]));

/** The record as one column of JSON, and beside it what is filtered by. */
function columnsOf(record: DeliveryRecord) {
  const { status, source, receivedAt } = record;
  return { status, source, receivedAt, record: JSON.stringify(record) };
}

/** A change is far smaller than a row: the whole of it fits into the columns of one. */
function packedChange(change: Change | undefined, thin?: JsonValue): Record<string, Uint8Array> {
  const kept = change ?? (thin === undefined ? undefined : { thin });
  return kept ? (pack(Buffer.from(JSON.stringify(kept)))[0] ?? {}) : {};
}

function storedOf(row: Row): StoredChange {
  const stored = { record: recordOf(row), etag: String(row.etag) };
  if (!row.d0) return stored;
  const kept = keptSchema.parse(JSON.parse(unpack([row]).toString('utf8')));
  return 'thin' in kept ? { ...stored, thin: kept.thin } : { ...stored, change: kept };
}

function recordOf(row: object): DeliveryRecord {
  return recordSchema.parse(JSON.parse(String(Reflect.get(row, 'record'))));
}
