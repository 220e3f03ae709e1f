import * as z from 'zod';
import type { ChangesSince, PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import type { FetchContext } from '../fetch-context.ts';
import { isBefore } from '../shared/is-before.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { columnsRead } from './columns.ts';
import type { Options } from './options.ts';
import { changeOf, type DataverseRecord, recordSchema } from './record.ts';
import { askDataverse, webApiUrl } from './web-api.ts';
import { withoutWebApi } from './without-web-api.ts';

/** Dataverse would give 5,000 in one answer. */
const pageSize = 500;

/** A table of the options, and the query that Dataverse gave for its next page. `last`: the last record of the page before. */
const placeSchema = z.strictObject({
  table: z.string(),
  query: z.string().max(20_000).exactOptional(),
  last: z.string().exactOptional(),
});
type Place = z.infer<typeof placeSchema>;

const pageSchema = z.looseObject({
  value: z.array(recordSchema),
  '@odata.nextLink': z.string().optional(),
});

/**
 * Records that changed, by `modifiedon`, one table after the other. Change tracking would tell more, but it has to be switched on
 * for a table for good, and its token ends after a week.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results
 */
export const changesSince: ChangesSince<Options> = {
  // A record becomes visible when its transaction ends, with the time of when it was written.
  lookBackMs: 10 * 60_000,

  async read(window, context): Promise<PageOfChanges> {
    const { options } = context;
    if (!options.webApi) return withoutWebApi;
    const tables = Object.keys(options.tables);
    const place = placeSchema.safeParse(window.at).data ?? { table: tables[0] ?? '' };
    const path = options.tables[place.table];
    // The options have changed since the run began: there is nothing left to read of a table that is not taken.
    if (!path) return { type: 'page', customers: [] };

    const answer = await askPage(place, path, window, context);
    if (answer.type === 'not-there') return { type: 'refused-by-vendor', status: 404 };
    if (answer.type !== 'answered') return answer;
    const page = pageSchema.safeParse(answer.payload).data;
    if (!page) return otherForm;
    const customers = page.value.map((record) => customerOf(record, place.table, options));
    if (!customers.every((customer) => customer !== undefined)) return otherForm;
    if (customers.some(({ changedAt }) => isBefore(window, changedAt))) return filterIgnored;

    const query = queryOf(page['@odata.nextLink'], webApiUrl(options, path));
    if (query === false) return otherForm;
    const next = nextPlace(place, tables, query, customers.at(-1)?.recordId);
    return { type: 'page', customers, ...(next && { next }) };
  },
};

function nextPlace(
  place: Place,
  tables: readonly string[],
  query: string | undefined,
  last: string | undefined,
): Place | undefined {
  // The same record again: there is no other one.
  if (query !== undefined && last !== undefined && last !== place.last)
    return { table: place.table, query, last };
  const table = tables[tables.indexOf(place.table) + 1];
  return table === undefined ? undefined : { table };
}

function askPage(
  { table, query }: Place,
  path: string,
  { since, until }: Window,
  context: FetchContext<Options>,
): ReturnType<typeof askDataverse> {
  const filters = [since && `modifiedon ge ${seconds(since)}`, `modifiedon le ${seconds(until)}`];
  const first = {
    $select: [...columnsRead(table, context.options), '_modifiedby_value', `${table}id`].join(),
    $filter: filters.filter(Boolean).join(' and '),
    $orderby: `modifiedon,${table}id`,
  };
  return askDataverse({ path, query: query ?? first, prefer: `odata.maxpagesize=${pageSize}` }, context);
}

/** `modifiedon` counts whole seconds. */
const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

/**
 * The query of the next page: the only part of its address that is used, since the token goes there. False: the address is another one
 * than that of the page.
 */
function queryOf(link: string | undefined, asked: URL): string | undefined | false {
  if (link === undefined) return undefined;
  const url = URL.canParse(link) ? new URL(link) : undefined;
  return url?.origin === asked.origin && url.pathname === asked.pathname ? url.search : false;
}

function customerOf(
  { _modifiedby_value: user, ...record }: DataverseRecord,
  table: string,
  options: Options,
): ReadCustomer | undefined {
  const id = record[`${table}id`];
  if (typeof id !== 'string') return undefined;
  const recordId = id.toLowerCase();
  const operation = {
    object: table,
    recordId,
    ...(typeof user === 'string' && { changedBy: user.toLowerCase() }),
  };
  const payload = changeOf(record, operation, options);
  return payload && { recordId, changedAt: payload.occurredAt, payload };
}
