import { odata, type TableClient } from '@azure/data-tables';
import * as z from 'zod';

const refusalSchema = z.object({ at: z.iso.datetime(), reason: z.string() });

/** The last refusal of a source's webhook: when, and of which class. Nothing of the request. */
export type LastRefusal = z.infer<typeof refusalSchema>;

export interface LastRefusals {
  put(source: string, refusal: LastRefusal): Promise<void>;
  /** By source. */
  all(): Promise<ReadonlyMap<string, LastRefusal>>;
}

const partitionKey = 'refused';

export function tableLastRefusals(table: TableClient): LastRefusals {
  return {
    async put(source, refusal) {
      await table.upsertEntity({ partitionKey, rowKey: source, ...refusal }, 'Replace');
    },
    async all() {
      const refusals = new Map<string, LastRefusal>();
      const filter = odata`PartitionKey eq ${partitionKey}`;
      for await (const row of table.listEntities<{ rowKey?: string }>({ queryOptions: { filter } }))
        refusals.set(row.rowKey ?? '', refusalSchema.parse(row));
      return refusals;
    },
  };
}
