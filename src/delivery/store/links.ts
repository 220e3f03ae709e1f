import type { TableClient, TransactionAction } from '@azure/data-tables';
import { sideBySide } from '../../lib/side-by-side.ts';
import { forgetLinksOf, removeForgottenLinksBefore } from './forgotten-links.ts';
import { type LinkFilter, type LinkPage, listLinks } from './link-list.ts';
import {
  customerPartition,
  type ForgottenLink,
  type FoundBy,
  foundByPartition,
  indexKeys,
  indexRow,
  isForgotten,
  type Link,
  linkKeys,
  linkRow,
  linkSchema,
  readLinkRow,
} from './link-rows.ts';
import { callsAtATime, indexed, linkRowOf, removeLink, removeRow } from './link-table.ts';

export type { LinkFilter, LinkPage } from './link-list.ts';
export { type ForgottenLink, isForgotten, type Link } from './link-rows.ts';

/** The links table. Holds ids and hashes, no value of a customer. */
export interface Links {
  /** The link of a record, or when it was forgotten. Undefined: there is none, or none that can be read. */
  find(source: string, recordId: string): Promise<Link | ForgottenLink | undefined>;
  /**
   * Makes or changes links. One that already says so is left as it is, unless a look-up made it and somebody who knows
   * says it now. Of several for one record the last one counts. Returns how many were written.
   * Throws a ZodError, and writes nothing, if one of them could not be read again.
   */
  set(links: readonly Link[]): Promise<{ readonly written: number; readonly unchanged: number }>;
  /** Removes a link, with `customerId` only if it is to that customer. Returns false when there was none. */
  remove(source: string, recordId: string, customerId?: string): Promise<boolean>;
  /**
   * Removes all that is kept of links to a customer, also of former ones. In the place of each link stays that it was
   * forgotten `at` then, until {@link set} makes another one. Returns how many links there were.
   */
  forgetOf(customerId: string, at: Date): Promise<number>;
  /** Removes what stays of links that were forgotten before a day began (UTC). Returns how many. */
  removeForgottenBefore(day: Date): Promise<number>;
  /** About `pageSize` links; a page may be empty though more follows. `from`: the `next` of the page before. */
  list(filter: LinkFilter, pageSize: number, from?: string): Promise<LinkPage>;
  /** The links that look-ups for this value made. */
  foundBy(foundBy: FoundBy): Promise<Link[]>;
}

/** A transaction holds at most 100 rows of one partition. */
const transactionRows = 100;

export function tableLinks(table: TableClient): Links {
  async function find(source: string, recordId: string): Promise<Link | ForgottenLink | undefined> {
    const row = await linkRowOf(table, linkKeys({ source, recordId }));
    return row && readLinkRow(row);
  }

  return {
    find,
    async set(links) {
      return setLinks(table, linkSchema.array().parse(links));
    },

    async remove(source, recordId, customerId) {
      const row = await linkRowOf(table, linkKeys({ source, recordId }));
      if (!row || (customerId !== undefined && row.customerId !== customerId)) return false;
      const link = readLinkRow(row);
      if (isForgotten(link)) return false;
      await removeLink(table, { source, recordId }, link?.foundBy);
      return true;
    },

    forgetOf: (customerId, at) => forgetLinksOf(table, customerId, at),
    removeForgottenBefore: (day) => removeForgottenLinksBefore(table, day),
    list: (filter, pageSize, from) =>
      listLinks(table, filter, { maxPageSize: pageSize, ...(from && { continuationToken: from }) }),

    async foundBy(foundBy) {
      const links: Link[] = [];
      for await (const row of indexed(table, foundByPartition(foundBy))) {
        const link = await find(row.source, row.recordId);
        if (!link || isForgotten(link)) continue;
        // The record may have got another link since.
        if (link.foundBy?.hash === foundBy.hash && link.foundBy.by === foundBy.by) links.push(link);
      }
      return links;
    },
  };
}

async function setLinks(
  table: TableClient,
  links: readonly Link[],
): Promise<{ readonly written: number; readonly unchanged: number }> {
  const newest = [...new Map(links.map((link) => [`${link.source} ${link.recordId}`, link])).values()];
  const before = await sideBySide(newest, callsAtATime, async (link) => {
    const row = await linkRowOf(table, linkKeys(link));
    const old = row && readLinkRow(row);
    return old && !isForgotten(old) ? old : undefined;
  });
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
    await removeRow(table, indexKeys(former, link));
  });
  return { written: changed.length, unchanged: links.length - changed.length };
}

function saysSo(old: Link, link: Link): boolean {
  const isConfirmed = old.origin === 'look-up' && link.origin !== 'look-up';
  return old.customerId === link.customerId && !isConfirmed;
}
