import { odata, type TableClient } from '@azure/data-tables';
import { foundByPartition, indexKeys, type Link, type LinkedRecord, linkKeys } from './link-rows.ts';
import { isMissing, unless } from './storage-errors.ts';

interface Keys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** So many calls at a time. */
export const callsAtATime = 50;

/** A link's row as it lies there, readable or not; undefined: there is none. */
export function linkRowOf(
  table: TableClient,
  { partitionKey, rowKey }: Keys,
): Promise<Record<string, unknown> | undefined> {
  return unless(isMissing, undefined, () => table.getEntity<Record<string, unknown>>(partitionKey, rowKey));
}

export async function removeRow(table: TableClient, { partitionKey, rowKey }: Keys): Promise<void> {
  await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey));
}

/** The records that a partition of the index names. Their links are to be read: they may be gone or changed. */
export function indexed(table: TableClient, partitionKey: string, further = '') {
  const filter = odata`PartitionKey eq ${partitionKey}` + further;
  return table.listEntities<{ source: string; recordId: string }>({ queryOptions: { filter } });
}

/** The link last: a crash before it leaves something that is found and removed again. */
export async function removeLink(
  table: TableClient,
  record: LinkedRecord,
  foundBy: Link['foundBy'],
): Promise<void> {
  if (foundBy) await removeRow(table, indexKeys(foundByPartition(foundBy), record));
  await removeRow(table, linkKeys(record));
}
