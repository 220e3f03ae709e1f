import { randomUUID } from 'node:crypto';
import { odata, type TableClient } from '@azure/data-tables';
import { type Act, actSchema } from '../record/act.ts';
import { partitionOf } from '../record/delivery-id.ts';
import { pagesReadAtOnce } from './open-changes.ts';
import { isMissing, unless } from './storage-errors.ts';

export interface ActPage {
  readonly acts: readonly Act[];
  /** Where the next page begins; absent after the last. */
  readonly next?: string;
}

/** What operators did, newest first. */
export interface Acts {
  note(act: Act): Promise<void>;
  /** About `pageSize`; a page may be empty though more follows. `from`: the `next` of the page before. */
  list(filter: { readonly act?: Act['act'] | undefined }, pageSize: number, from?: string): Promise<ActPage>;
  /** Deletes what was done before a day; returns how many. */
  removeBefore(day: Date): Promise<number>;
}

const latest = 9_999_999_999_999;

export function tableActs(table: TableClient): Acts {
  return {
    async note(act) {
      const at = new Date(act.at);
      // Times count down: newest first.
      const rowKey = `${String(latest - at.getTime()).padStart(13, '0')}-${randomUUID()}`;
      await table.createEntity({ partitionKey: `acts-${partitionOf(at)}`, rowKey, ...act });
    },

    async list({ act }, pageSize, from) {
      const ofAct = act ? odata` and act eq ${act}` : '';
      const filter = `${odata`PartitionKey ge ${'acts-'} and PartitionKey lt ${'acts-:'}`}${ofAct}`;
      const pages = table
        .listEntities({ queryOptions: { filter } })
        .byPage({ maxPageSize: pageSize, ...(from && { continuationToken: from }) });
      let pagesLeft = pagesReadAtOnce;
      for await (const page of pages) {
        const found = page.map((row) => actSchema.parse(row));
        const next = page.continuationToken;
        if (found.length > 0 || !next || --pagesLeft === 0) return { acts: found, ...(next && { next }) };
      }
      return { acts: [] };
    },

    async removeBefore(day) {
      const filter = odata`PartitionKey gt ${`acts-${partitionOf(day)}`} and PartitionKey lt ${'acts-:'}`;
      let removed = 0;
      for await (const { partitionKey = '', rowKey = '' } of table.listEntities<{
        partitionKey?: string;
        rowKey?: string;
      }>({ queryOptions: { filter, select: ['partitionKey', 'rowKey'] } })) {
        await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey));
        removed++;
      }
      return removed;
    },
  };
}
