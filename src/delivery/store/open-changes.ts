import { odata, type TableClient, type TableEntity, type TableEntityResult } from '@azure/data-tables';
import pLimit from 'p-limit';
import { partitionOf } from '../record/delivery-id.ts';
import { type OpenKind, openKindOf } from '../record/open-kind.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { RecordFilter, RecordPage, RecordReference } from '../record/record-filter.ts';
import { fieldConditions } from './field-columns.ts';
import { openCopies } from './open-copies.ts';
import { changeKeys, recordColumns, recordOf } from './record-rows.ts';
import { isLost, isMissing, unless } from './storage-errors.ts';

/** A copy of a record that was put into the index. */
export interface OpenCopy extends RecordReference {
  readonly kind: OpenKind;
  /** The version of its row; undefined: storage did not tell it. */
  readonly etag: string | undefined;
}

/**
 * An index of the changes that are pending, parked, or finished with a field left out, with a copy of each record: so that
 * they are found without reading through all the others. A copy is put before the record says so, confirmed after it does,
 * and put anew (which takes the confirmation back) before the record says otherwise; then it is removed. So what is
 * confirmed is right, what is missing is otherwise, and what is not confirmed (a step is under way, or a process died or
 * stood still) is looked up in the record.
 */
export interface OpenChanges {
  /** Puts a copy of a record that belongs here. Undefined: it does not. */
  put(record: DeliveryRecord): Promise<OpenCopy | undefined>;
  /** The record says so, too. Does nothing if somebody else has put or removed the copy since. */
  confirm(copy: OpenCopy): Promise<void>;
  /** The record says otherwise. Does nothing if somebody else has put or removed the copy since. */
  withdraw(copy: OpenCopy): Promise<void>;
  remove(reference: RecordReference, kind: OpenKind): Promise<void>;
  /** What is of the kind by its record, too; newest first. */
  list(
    kind: OpenKind,
    filter: RecordFilter,
    recorded: (reference: RecordReference) => Promise<DeliveryRecord | undefined>,
    pageSize: number,
    from?: string,
  ): Promise<RecordPage>;
}

const readsAtATime = 16;
/** More pages than this are not read for one that is asked for: it may be short or empty, with a next one. */
export const pagesReadAtOnce = 4;
/** Between the copy and the record lies one write: after so long it will not come any more. */
const leftBehindMs = 3_600_000;

/** The keys of the copy of a record. */
export function openKeys(reference: RecordReference, kind: OpenKind) {
  const { partitionKey, rowKey } = changeKeys(reference);
  return { partitionKey: `${kind}-${partitionKey}`, rowKey };
}

export function tableOpenChanges(table: TableClient): OpenChanges {
  const copies = openCopies(table);

  /** The record of a row; undefined if it says otherwise. */
  async function currentOf(
    row: TableEntityResult<Record<string, unknown>>,
    kind: OpenKind,
    recorded: Parameters<OpenChanges['list']>[2],
  ): Promise<DeliveryRecord | undefined> {
    const copy = recordOf(row);
    if (row.isConfirmed === true) return copy;
    const { partitionKey = '', rowKey = '', etag, timestamp = '' } = row;
    const record = await recorded(copy);
    if (record && openKindOf(record) === kind) {
      const right = { partitionKey, rowKey, ...recordColumns(record), isConfirmed: true };
      if (isOld(timestamp))
        await unless(isLost, undefined, () => table.updateEntity(right, 'Replace', { etag }));
      return record;
    }
    if (isOld(timestamp))
      await unless(isLost, undefined, () => table.deleteEntity(partitionKey, rowKey, { etag }));
    return undefined;
  }

  return {
    async put(record) {
      const kind = openKindOf(record);
      if (!kind) return undefined;
      const { deliveryId, index } = record;
      const etag = await copies.put({ ...openKeys(record, kind), ...recordColumns(record) });
      return { deliveryId, index, kind, etag };
    },

    async confirm({ etag, ...copy }) {
      if (etag !== undefined) await copies.confirm({ ...openKeys(copy, copy.kind), etag });
    },

    async withdraw({ etag, ...copy }) {
      const { partitionKey, rowKey } = openKeys(copy, copy.kind);
      if (etag !== undefined)
        await unless(isLost, undefined, () => table.deleteEntity(partitionKey, rowKey, { etag }));
    },

    async remove(reference, kind) {
      const { partitionKey, rowKey } = openKeys(reference, kind);
      await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey));
    },

    async list(kind, filter, recorded, pageSize, from) {
      const pages = table
        .listEntities<TableEntity<Record<string, unknown>>>({
          queryOptions: { filter: conditionOf(kind, filter) },
        })
        .byPage({ maxPageSize: pageSize, ...(from && { continuationToken: from }) });
      const limit = pLimit(readsAtATime);
      const records: DeliveryRecord[] = [];
      let pagesLeft = pagesReadAtOnce;
      // A page of a filtered query can be short or empty though more follows.
      for await (const page of pages) {
        const current = await Promise.all(page.map((row) => limit(() => currentOf(row, kind, recorded))));
        records.push(...current.filter((record) => record !== undefined));
        const next = page.continuationToken;
        if (records.length > 0 || !next || --pagesLeft === 0) return { records, ...(next && { next }) };
      }
      return { records };
    },
  };
}

const isOld = (timestamp: string): boolean => Date.parse(timestamp) < Date.now() - leftBehindMs;

function conditionOf(kind: OpenKind, filter: RecordFilter): string {
  const { source, reason, foundBy, since, until } = filter;
  return [
    // Hours count down in the key: `:` sorts after every digit.
    odata`PartitionKey ge ${`${kind}-${until ? partitionOf(until) : ''}`}`,
    odata`PartitionKey lt ${`${kind}-${since ? partitionOf(since) : ''}:`}`,
    ...(source ? [odata`source eq ${source}`] : []),
    ...(reason ? [odata`reason eq ${reason}`] : []),
    ...(foundBy ? [odata`foundBy eq ${foundBy}`] : []),
    ...(since ? [odata`receivedAt ge ${since.toISOString()}`] : []),
    ...(until ? [odata`receivedAt lt ${until.toISOString()}`] : []),
    ...fieldConditions(filter),
  ].join(' and ');
}
