import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { sideBySide } from '../../lib/side-by-side.ts';
import {
  customerPartition,
  type FoundBy,
  foundByPartition,
  indexKeys,
  indexRange,
  indexRow,
  type Link,
  type LinkedRecord,
  linkKeys,
  linkOf,
  linkRow,
  linkRowsOnly,
} from './link-rows.ts';
import { isMissing, unless } from './storage-errors.ts';

export type { Link } from './link-rows.ts';

export interface LinkFilter {
  readonly source?: string | undefined;
  readonly customerId?: string | undefined;
}

export interface LinkPage {
  readonly links: readonly Link[];
  /** Where the next page begins; absent after the last. */
  readonly next?: string;
}

/** The links table. Holds ids and hashes, no value of a customer. */
export interface Links {
  find(source: string, recordId: string): Promise<Link | undefined>;
  /**
   * Makes or changes links. One that already says so is left as it is, unless a look-up made it and somebody who knows
   * says it now. Of several for one record the last one counts. Returns how many were written.
   */
  set(links: readonly Link[]): Promise<{ readonly written: number; readonly unchanged: number }>;
  /** Removes a link, with `customerId` only if it is to that customer. Returns false when there was none. */
  remove(source: string, recordId: string, customerId?: string): Promise<boolean>;
  /** Removes all that is kept of links to a customer, also of former ones. Returns how many links there were. */
  removeOf(customerId: string): Promise<number>;
  /** About `pageSize` links; a page may be empty though more follows. `from`: the `next` of the page before. */
  list(filter: LinkFilter, pageSize: number, from?: string): Promise<LinkPage>;
  /** The links that look-ups for this value made. */
  foundBy(foundBy: FoundBy): Promise<Link[]>;
}

/** A transaction holds at most 100 rows of one partition. */
const transactionRows = 100;
/** So many calls at a time. */
const callsAtATime = 50;

export function tableLinks(table: TableClient): Links {
  async function find(source: string, recordId: string): Promise<Link | undefined> {
    const { partitionKey, rowKey } = linkKeys({ source, recordId });
    const row = await unless(isMissing, undefined, () => table.getEntity(partitionKey, rowKey));
    return row && linkOf(row);
  }

  async function removeRow({ partitionKey, rowKey }: ReturnType<typeof indexKeys>): Promise<void> {
    await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey));
  }

  /** The link last: a crash before it leaves something that is found and removed again. */
  async function removeLink(link: Link): Promise<void> {
    if (link.foundBy) await removeRow(indexKeys(foundByPartition(link.foundBy), link));
    await removeRow(linkKeys(link));
  }

  const indexed = (filter: string) =>
    table.listEntities<{ source: string; recordId: string }>({ queryOptions: { filter } });

  const existing = (records: readonly LinkedRecord[]) =>
    sideBySide(records, callsAtATime, ({ source, recordId }) => find(source, recordId));

  async function listOf(
    customerId: string,
    source: string | undefined,
    page: PageRequest,
  ): Promise<LinkPage> {
    const ofCustomer = odata`PartitionKey eq ${customerPartition(customerId)}`;
    const range = source === undefined ? undefined : indexRange(source);
    const ofSource = range ? odata` and RowKey ge ${range.from} and RowKey lt ${range.to}` : '';
    for await (const rows of indexed(ofCustomer + ofSource).byPage(page)) {
      const links = (await existing(rows)).filter((link) => link?.customerId === customerId);
      return pageOf(
        links.flatMap((link) => link ?? []),
        rows.continuationToken,
      );
    }
    return { links: [] };
  }

  return {
    find,

    async set(links) {
      const newest = [...new Map(links.map((link) => [`${link.source} ${link.recordId}`, link])).values()];
      const before = await existing(newest);
      const changed = newest.flatMap((link, index) => {
        const old = before[index];
        return old && saysSo(old, link) ? [] : [{ link, old }];
      });
      // The index first: what it does not name cannot be found to be forgotten.
      await sideBySide(changed, callsAtATime, async ({ link }) => {
        await table.upsertEntity(indexRow(customerPartition(link.customerId), link), 'Replace');
        if (link.foundBy) await table.upsertEntity(indexRow(foundByPartition(link.foundBy), link), 'Replace');
      });
      for (const ofSource of Map.groupBy(changed, ({ link }) => link.source).values()) {
        for (let start = 0; start < ofSource.length; start += transactionRows) {
          const rows = ofSource.slice(start, start + transactionRows).map(({ link }) => linkRow(link));
          await table.submitTransaction(rows.map((row): TransactionAction => ['upsert', row, 'Replace']));
        }
      }
      await sideBySide(changed, callsAtATime, async ({ link, old }) => {
        const former = old?.foundBy && foundByPartition(old.foundBy);
        if (!former || (link.foundBy && foundByPartition(link.foundBy) === former)) return;
        await removeRow(indexKeys(former, link));
      });
      return { written: changed.length, unchanged: links.length - changed.length };
    },

    async remove(source, recordId, customerId) {
      const link = await find(source, recordId);
      if (!link || (customerId !== undefined && link.customerId !== customerId)) return false;
      await removeLink(link);
      return true;
    },

    async removeOf(customerId) {
      const partitionKey = customerPartition(customerId);
      let removed = 0;
      for await (const record of indexed(odata`PartitionKey eq ${partitionKey}`)) {
        const link = await find(record.source, record.recordId);
        if (link?.customerId === customerId) {
          await removeLink(link);
          removed++;
        }
        await removeRow(indexKeys(partitionKey, record));
      }
      return removed;
    },

    async list({ source, customerId }, pageSize, from) {
      const page: PageRequest = { maxPageSize: pageSize, ...(from && { continuationToken: from }) };
      if (customerId !== undefined) return listOf(customerId, source, page);
      const ofSource = source === undefined ? '' : odata`PartitionKey eq ${source} and `;
      const filter = ofSource + linkRowsOnly;
      for await (const rows of table.listEntities({ queryOptions: { filter } }).byPage(page)) {
        // Rows of the index lie between: a page can be empty though more follows.
        if (rows.length > 0 || !rows.continuationToken)
          return pageOf(rows.map(linkOf), rows.continuationToken);
      }
      return { links: [] };
    },

    async foundBy(foundBy) {
      const links: Link[] = [];
      for await (const row of indexed(odata`PartitionKey eq ${foundByPartition(foundBy)}`)) {
        const link = await find(row.source, row.recordId);
        // The record may have got another link since.
        if (link?.foundBy?.hash === foundBy.hash && link.foundBy.by === foundBy.by) links.push(link);
      }
      return links;
    },
  };
}

interface PageRequest {
  readonly maxPageSize: number;
  readonly continuationToken?: string;
}

function pageOf(links: readonly Link[], next: string | undefined): LinkPage {
  return { links, ...(next && { next }) };
}

function saysSo(old: Link, link: Link): boolean {
  const isConfirmed = old.origin === 'look-up' && link.origin !== 'look-up';
  return old.customerId === link.customerId && !isConfirmed;
}
