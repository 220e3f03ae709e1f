import { odata, type TableClient, type TableEntity, type TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import { createSharedWrite } from '../../lib/shared-write.ts';
import { partitionOf, recordKeys } from '../record/delivery-id.ts';
import type { PackedRequest } from '../record/packed-request.ts';
import type { DeliveryRecord, RecordedChange, StoredChange } from '../record/record.ts';
import type { RecordFilter, RecordPage, RecordReference } from '../record/record-filter.ts';
import { fromRows, toRows } from './columns.ts';
import { isOpen, type OpenChanges } from './open-changes.ts';
import {
  changeKeys,
  packChange,
  recordColumnNames,
  recordColumns,
  recordOf,
  storedOf,
} from './record-rows.ts';
import { isConflict, isMissing, isOutdated, unless } from './storage-errors.ts';

/** The deliveries table: a row for each change, rows for the request, newest first, an hour in a partition. */
export interface Records {
  /**
   * Writes the records of a delivery, with its request unless that is kept already. Does nothing if they are there.
   * `again`: an earlier try at the same delivery may have left something in the index of open changes.
   */
  create(
    changes: readonly RecordedChange[],
    request?: PackedRequest,
    options?: { readonly again?: boolean },
  ): Promise<void>;
  read(reference: RecordReference): Promise<StoredChange | undefined>;
  /** Returns false if the record was changed since it was read. A `next` without anything to apply leaves that as it is. */
  update(next: RecordedChange, before: StoredChange): Promise<boolean>;
  /** Every record of a delivery, by position. */
  ofDelivery(deliveryId: string): Promise<StoredChange[]>;
  /** Keeps the request of a delivery ahead of its records. Does nothing if it is there. */
  keepRequest(deliveryId: string, request: PackedRequest): Promise<void>;
  request(deliveryId: string): Promise<PackedRequest | undefined>;
  removeRequest(deliveryId: string): Promise<void>;
  list(filter: RecordFilter, pageSize: number, from?: string): Promise<RecordPage>;
  /** Deletes what a delivery says of a customer, and its request, which may say more. Returns how many records. */
  removeCustomer(deliveryId: string, customerId: string): Promise<number>;
  /** Deletes the deliveries received before a day, but none that is pending; returns how many rows. */
  removeBefore(day: Date): Promise<number>;
}

type Row = TableEntity<Record<string, unknown>>;

/** A transaction holds at most 100 rows and 4 MiB; binary columns travel as base64. */
const transactionRows = 100;
const transactionBytes = 2_000_000;

/** The rows of one delivery, in one partition. */
interface DeliveryRows {
  readonly rows: readonly Row[];
  readonly bytes: number;
}

export function tableRecords(table: TableClient, open: OpenChanges): Records {
  const create = async (rows: readonly Row[]): Promise<void> => {
    const actions = rows.map((row): TransactionAction => ['create', row as TableEntity]);
    await unless(isConflict, undefined, () => table.submitTransaction(actions));
  };
  const createTogether = createSharedWrite<DeliveryRows>(groupsOf, async (deliveries) => {
    const actions = deliveries.flatMap(({ rows }) =>
      rows.map((row): TransactionAction => ['create', row as TableEntity]),
    );
    const written = await unless(isConflict, undefined, () => table.submitTransaction(actions));
    // One of the deliveries is there already: each for itself.
    if (!written && deliveries.length > 1) for (const { rows } of deliveries) await create(rows);
  });

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

  const recorded = async (reference: RecordReference) => (await read(reference))?.record;

  return {
    read,

    async create(changes, request, { again = false } = {}) {
      const [first] = changes;
      if (!first) return;
      await Promise.all(changes.map(({ record }) => open.put(record)));
      const { head, rest } = rowsOfDelivery(changes, request);
      // The head holds the first change and comes last: a delivery whose first record is there is there whole.
      for (const rows of rest) await create(rows);
      await createTogether(head);
      if (!again) return;
      for (const { record } of changes) {
        for (const status of ['pending', 'parked'] as const)
          if (record.status !== status) await open.remove(record, status);
      }
    },

    async update(next, before) {
      await open.put(next.record);
      const packed = packChange(next) ?? {};
      const row = { ...changeKeys(next.record), ...recordColumns(next.record), ...packed };
      const updated = await unless(
        (error) => isOutdated(error) || isMissing(error),
        undefined,
        // What is to be applied is replaced as a whole: it may need fewer columns than before.
        () =>
          table.updateEntity(row, Object.keys(packed).length > 0 ? 'Replace' : 'Merge', {
            etag: before.etag,
          }),
      );
      const now = updated ? next : await read(next.record);
      for (const { record } of [before, next]) {
        if (isOpen(record.status) && now?.record.status !== record.status)
          await open.remove(record, record.status);
      }
      return updated !== undefined;
    },

    async ofDelivery(deliveryId) {
      return (await rowsOf('c', deliveryId)).map(storedOf);
    },

    async keepRequest(deliveryId, request) {
      for (const row of requestRows(deliveryId, request)) await create([row]);
    },

    async request(deliveryId) {
      const rows = await rowsOf('b', deliveryId);
      const [first] = rows;
      if (!first) return undefined;
      const headers = headersSchema.parse(JSON.parse(String(Reflect.get(first, 'headers'))));
      return { headers, body: fromRows(rows) };
    },

    async removeRequest(deliveryId) {
      await removeRows(await rowsOf('b', deliveryId));
    },

    async list(filter, pageSize, from) {
      const { status } = filter;
      if (isOpen(status)) return open.list({ ...filter, status }, recorded, pageSize, from);
      const pages = table
        .listEntities<TableEntity>({
          queryOptions: { filter: conditionOf(filter), select: recordColumnNames },
        })
        .byPage({ maxPageSize: pageSize, ...(from && { continuationToken: from }) });
      const records: DeliveryRecord[] = [];
      // A page of a filtered query can be short or empty though more follows.
      for await (const page of pages) {
        records.push(...page.map(recordOf));
        const next = page.continuationToken;
        if (records.length > 0 || !next) return { records, ...(next && { next }) };
      }
      return { records };
    },

    async removeCustomer(deliveryId, customerId) {
      const concerned = (await rowsOf('c', deliveryId)).filter(
        (row) => recordOf(row).customerId === customerId,
      );
      for (const row of concerned) {
        const record = recordOf(row);
        if (isOpen(record.status)) await open.remove(record, record.status);
      }
      await removeRows(await rowsOf('b', deliveryId));
      await removeRows(concerned);
      return concerned.length;
    },

    async removeBefore(day) {
      // A change can wait for a right key for longer than that. It stays, request and all.
      const pending = await pendingBefore(day, open, recorded);
      const filter = odata`PartitionKey gt ${partitionOf(day)}`;
      const rows = table.listEntities<TableEntity>({
        queryOptions: { filter, select: ['partitionKey', 'rowKey', 'status', ...recordColumnNames] },
      });
      let removed = 0;
      for await (const page of rows.byPage({ maxPageSize: 1000 })) {
        const old = page.filter((row) => !pending.has(prefixOf(row)));
        for (const row of old)
          if (Reflect.get(row, 'status') === 'parked') await open.remove(recordOf(row), 'parked');
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
  recorded: Parameters<OpenChanges['list']>[1],
): Promise<Set<string>> {
  const prefixes = new Set<string>();
  let from: string | undefined;
  do {
    const page = await open.list({ status: 'pending', until: day }, recorded, transactionRows, from);
    for (const record of page.records) prefixes.add(prefixOf(changeKeys(record)));
    from = page.next;
  } while (from);
  return prefixes;
}

/** What the keys of all rows of a delivery have in common. */
function prefixOf({ partitionKey, rowKey }: Pick<TableEntity, 'partitionKey' | 'rowKey'>): string {
  return `${partitionKey}/${String(rowKey).slice(1).split('~')[0]}`;
}

const headersSchema = z.array(z.tuple([z.string(), z.string()]));

function requestRows(deliveryId: string, { headers, body }: PackedRequest): Row[] {
  const { partitionKey, rowPrefix } = recordKeys(deliveryId);
  return toRows(body).map((columns, part) => ({
    partitionKey,
    rowKey: `b${rowPrefix}~${String(part).padStart(5, '0')}`,
    ...(part === 0 && { headers: JSON.stringify(headers) }),
    ...columns,
  }));
}

/** The rows of a delivery in as many transactions as they need. */
function rowsOfDelivery(changes: readonly RecordedChange[], request: PackedRequest | undefined) {
  const changeRows = changes.map(
    (change): Row => ({
      ...changeKeys(change.record),
      ...recordColumns(change.record),
      ...packChange(change),
    }),
  );
  const [firstRequestRow, ...laterRequestRows] = request
    ? requestRows(changes[0]?.record.deliveryId ?? '', request)
    : [];
  const head = [...changeRows.slice(0, transactionRows - 1), ...(firstRequestRow ? [firstRequestRow] : [])];
  const rest: Row[][] = laterRequestRows.map((row) => [row]);
  for (let start = transactionRows - 1; start < changeRows.length; start += transactionRows)
    rest.push(changeRows.slice(start, start + transactionRows));
  return { head: { rows: head, bytes: bytesOf(head) }, rest };
}

function bytesOf(rows: readonly Row[]): number {
  const columns = rows.flatMap((row) => Object.values(row));
  return columns.reduce<number>(
    (sum, column) => sum + (column instanceof Uint8Array || typeof column === 'string' ? column.length : 0),
    0,
  );
}

/** Deliveries whose rows go into one transaction: of one partition, within its limits, each delivery once. */
function groupsOf(deliveries: readonly DeliveryRows[]): DeliveryRows[][] {
  const groups: {
    key: string;
    rows: number;
    bytes: number;
    readonly deliveries: Map<string, DeliveryRows>;
  }[] = [];
  for (const delivery of deliveries) {
    const [first] = delivery.rows;
    const key = String(first?.partitionKey);
    const name = String(first?.rowKey);
    const group = groups.find(
      (other) =>
        other.key === key &&
        !other.deliveries.has(name) &&
        other.rows + delivery.rows.length <= transactionRows &&
        other.bytes + delivery.bytes <= transactionBytes,
    ) ?? { key, rows: 0, bytes: 0, deliveries: new Map() };
    if (group.rows === 0) groups.push(group);
    group.rows += delivery.rows.length;
    group.bytes += delivery.bytes;
    group.deliveries.set(name, delivery);
  }
  return groups.map((group) => [...group.deliveries.values()]);
}

function conditionOf({ status, reason, source, since, until }: RecordFilter): string {
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
  ].join(' and ');
}
