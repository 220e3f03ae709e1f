import {
  odata,
  type TableClient,
  type TableEntity,
  type TableEntityResult,
  type TransactionAction,
} from '@azure/data-tables';
import pLimit from 'p-limit';
import { createSharedWrite } from '../../lib/shared-write.ts';
import { partitionOf } from '../record/delivery-id.ts';
import type { DeliveryRecord, Status } from '../record/record.ts';
import type { RecordFilter, RecordPage, RecordReference } from '../record/record-filter.ts';
import { changeKeys, recordColumns, recordOf } from './record-rows.ts';
import { isMissing, isOutdated, unless } from './storage-errors.ts';

/** The statuses of changes that are not finished. */
const openStatuses = ['pending', 'parked'] as const;
export type OpenStatus = (typeof openStatuses)[number];

export const isOpen = (status: Status | undefined): status is OpenStatus =>
  status === 'pending' || status === 'parked';

/**
 * An index of the changes that are pending or parked, with a copy of each record: so that they are found without reading
 * through all that is finished. A copy is written before the record says so and removed after it says otherwise: what is
 * missing here is finished. What is here too much, left by a process that died or stood still, is not listed.
 */
export interface OpenChanges {
  put(record: DeliveryRecord): Promise<void>;
  remove(reference: RecordReference, status: OpenStatus): Promise<void>;
  /** What has the status by its record, too; newest first. */
  list(
    filter: RecordFilter & { readonly status: OpenStatus },
    recorded: (reference: RecordReference) => Promise<DeliveryRecord | undefined>,
    pageSize: number,
    from?: string,
  ): Promise<RecordPage>;
}

/** A transaction holds at most 100 rows of one partition; each row here is small. */
const transactionRows = 100;
const readsAtATime = 16;
/** Between the copy and the record lies one write: after so long it will not come any more. */
const leftBehindMs = 3_600_000;

type OpenRow = TableEntity<Record<string, unknown>>;

function keysOf(reference: RecordReference, status: OpenStatus) {
  const { partitionKey, rowKey } = changeKeys(reference);
  return { partitionKey: `${status}-${partitionKey}`, rowKey };
}

export function tableOpenChanges(table: TableClient): OpenChanges {
  const share = createSharedWrite<OpenRow>(groupsOf, async (rows) => {
    const [only] = rows;
    if (only && rows.length === 1) await table.upsertEntity(only, 'Replace');
    else {
      // The SDK's type of a transaction's rows is narrower than what it takes.
      const actions = rows.map((row): TransactionAction => ['upsert', row as TableEntity, 'Replace']);
      await table.submitTransaction(actions);
    }
  });

  /** The record of a row; undefined if it says otherwise. */
  async function currentOf(
    row: TableEntityResult<object>,
    status: OpenStatus,
    recorded: Parameters<OpenChanges['list']>[1],
  ): Promise<DeliveryRecord | undefined> {
    const { partitionKey = '', rowKey = '', etag, timestamp = '' } = row;
    const record = await recorded(recordOf(row));
    if (record?.status === status) return record;
    if (Date.parse(timestamp) < Date.now() - leftBehindMs)
      await unless(
        (error) => isMissing(error) || isOutdated(error),
        undefined,
        () => table.deleteEntity(partitionKey, rowKey, { etag }),
      );
    return undefined;
  }

  return {
    async put(record) {
      if (isOpen(record.status)) await share({ ...keysOf(record, record.status), ...recordColumns(record) });
    },

    async remove(reference, status) {
      const { partitionKey, rowKey } = keysOf(reference, status);
      await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey));
    },

    async list(filter, recorded, pageSize, from) {
      const pages = table
        .listEntities({ queryOptions: { filter: conditionOf(filter) } })
        .byPage({ maxPageSize: pageSize, ...(from && { continuationToken: from }) });
      const limit = pLimit(readsAtATime);
      const records: DeliveryRecord[] = [];
      // A page of a filtered query can be short or empty though more follows.
      for await (const page of pages) {
        const current = await Promise.all(
          page.map((row) => limit(() => currentOf(row, filter.status, recorded))),
        );
        records.push(...current.filter((record) => record !== undefined));
        const next = page.continuationToken;
        if (records.length > 0 || !next) return { records, ...(next && { next }) };
      }
      return { records };
    },
  };
}

function conditionOf({
  status,
  source,
  reason,
  foundBy,
  since,
  until,
}: Parameters<OpenChanges['list']>[0]): string {
  return [
    // Hours count down in the key: `:` sorts after every digit.
    odata`PartitionKey ge ${`${status}-${until ? partitionOf(until) : ''}`}`,
    odata`PartitionKey lt ${`${status}-${since ? partitionOf(since) : ''}:`}`,
    ...(source ? [odata`source eq ${source}`] : []),
    ...(reason ? [odata`reason eq ${reason}`] : []),
    ...(foundBy ? [odata`foundBy eq ${foundBy}`] : []),
    ...(since ? [odata`receivedAt ge ${since.toISOString()}`] : []),
    ...(until ? [odata`receivedAt lt ${until.toISOString()}`] : []),
  ].join(' and ');
}

/** Groups of one partition; a row that comes twice goes into two groups. */
function groupsOf(rows: readonly OpenRow[]): OpenRow[][] {
  const groups: { readonly partitionKey: string; readonly rows: Map<string, OpenRow> }[] = [];
  for (const row of rows) {
    const { partitionKey, rowKey } = row;
    const group = groups.find(
      (other) =>
        other.partitionKey === partitionKey && other.rows.size < transactionRows && !other.rows.has(rowKey),
    );
    if (group) group.rows.set(rowKey, row);
    else groups.push({ partitionKey, rows: new Map([[rowKey, row]]) });
  }
  return groups.map((group) => [...group.rows.values()]);
}
