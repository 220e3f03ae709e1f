import { odata, type TableClient } from '@azure/data-tables';
import { isMissing, unless } from './storage-errors.ts';

/** The issues that somebody has muted, by id. */
export interface MutedIssues {
  add(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  all(): Promise<ReadonlySet<string>>;
  /** Those that were muted before a day. */
  mutedBefore(day: Date): Promise<string[]>;
}

const partitionKey = 'muted';

export function tableMutedIssues(table: TableClient): MutedIssues {
  return {
    async add(id) {
      await table.upsertEntity({ partitionKey, rowKey: id }, 'Replace');
    },
    async remove(id) {
      await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, id));
    },
    async all() {
      const ids = new Set<string>();
      const filter = odata`PartitionKey eq ${partitionKey}`;
      const rows = table.listEntities<{ rowKey?: string }>({ queryOptions: { filter, select: ['rowKey'] } });
      for await (const { rowKey } of rows) if (rowKey) ids.add(rowKey);
      return ids;
    },
    async mutedBefore(day) {
      const ids: string[] = [];
      const filter = odata`PartitionKey eq ${partitionKey} and Timestamp lt ${day}`;
      const rows = table.listEntities<{ rowKey?: string }>({ queryOptions: { filter, select: ['rowKey'] } });
      for await (const { rowKey } of rows) if (rowKey) ids.push(rowKey);
      return ids;
    },
  };
}
