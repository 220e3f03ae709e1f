import { odata, type TableClient } from '@azure/data-tables';
import { sideBySide } from '../../lib/side-by-side.ts';
import {
  customerPartition,
  indexRange,
  isForgotten,
  type Link,
  linkKeys,
  linkRowsOnly,
  readLinkRow,
} from './link-rows.ts';
import { callsAtATime, indexed, linkRowOf } from './link-table.ts';

export interface LinkFilter {
  readonly source?: string | undefined;
  readonly customerId?: string | undefined;
}

export interface LinkPage {
  readonly links: readonly Link[];
  /** Records whose link cannot be read: it can be removed, or set anew. Absent: there are none. */
  readonly unreadable?: readonly { readonly source: string; readonly recordId: string }[];
  /** Where the next page begins; absent after the last. */
  readonly next?: string;
}

interface PageRequest {
  readonly maxPageSize: number;
  readonly continuationToken?: string;
}

type Row = Readonly<Record<string, unknown>>;

/** See `Links.list`. */
export async function listLinks(
  table: TableClient,
  { source, customerId }: LinkFilter,
  page: PageRequest,
): Promise<LinkPage> {
  if (customerId !== undefined) return listOfCustomer(table, customerId, source, page);
  const ofSource = source === undefined ? '' : odata`PartitionKey eq ${source} and `;
  const filter = ofSource + linkRowsOnly;
  for await (const rows of table.listEntities<Row>({ queryOptions: { filter } }).byPage(page)) {
    // Rows of the index lie between: a page can be empty though more follows.
    if (rows.length > 0 || !rows.continuationToken) return pageOf(rows, rows.continuationToken);
  }
  return { links: [] };
}

async function listOfCustomer(
  table: TableClient,
  customerId: string,
  source: string | undefined,
  page: PageRequest,
): Promise<LinkPage> {
  const range = source === undefined ? undefined : indexRange(source);
  const ofSource = range ? odata` and RowKey ge ${range.from} and RowKey lt ${range.to}` : '';
  for await (const records of indexed(table, customerPartition(customerId), ofSource).byPage(page)) {
    const rows = await sideBySide(records, callsAtATime, (record) => linkRowOf(table, linkKeys(record)));
    const ofCustomer = rows.flatMap((row) => (row?.customerId === customerId ? [row] : []));
    return pageOf(ofCustomer, records.continuationToken);
  }
  return { links: [] };
}

function pageOf(rows: readonly Row[], next: string | undefined): LinkPage {
  const links: Link[] = [];
  const unreadable: { source: string; recordId: string }[] = [];
  for (const row of rows) {
    const found = readLinkRow(row);
    if (!found) unreadable.push({ source: String(row.partitionKey), recordId: String(row.recordId) });
    else if (!isForgotten(found)) links.push(found);
  }
  return { links, ...(unreadable.length > 0 && { unreadable }), ...(next && { next }) };
}
