import * as z from 'zod';
import type { JsonValue } from '../../lib/json.ts';
import type { ChangesSince, PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { failureOf } from '../shared/call-vendor.ts';
import { isBefore } from '../shared/is-before.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { isFailure } from '../shared/with-token.ts';
import { askZoho } from './api.ts';
import type { Options } from './options.ts';
import { changeOf, fieldsRead, recordsIn, type ZohoRecord } from './record.ts';

/** As many records as Zoho gives by their ids in one answer. */
const pageSize = 100;

/** The last record of the page before. */
const placeSchema = z.strictObject({ stamp: z.iso.datetime(), id: z.string().regex(/^\d{1,20}$/) });
type Place = z.infer<typeof placeSchema>;

const hitSchema = z.looseObject({
  id: z.union([z.int(), z.string().regex(/^\d{1,20}$/)]).transform(String),
  Modified_Time: z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
});
const hitsSchema = z.looseObject({
  data: z.array(hitSchema),
  info: z.looseObject({ more_records: z.boolean().optional() }).optional(),
});

/**
 * Records that changed: a query (COQL) tells which, by `Modified_Time` and id, and they are read by their ids, since a query does
 * not tell the name of an account. `Modified_Time` counts seconds, and mass updates give thousands of records the same one: a page
 * begins after the time and the id of the last record.
 * https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
 */
export const changesSince: ChangesSince<Options> = {
  // How late a query sees a change is not documented.
  lookBackMs: 10 * 60_000,

  async read(window, context): Promise<PageOfChanges> {
    const place = placeSchema.safeParse(window.at).data;
    const body = { select_query: coql(window, place, context.options) };
    const answer = await askZoho({ path: 'coql', body }, context);
    if (isFailure(answer)) return answer;
    if (answer.status === 204) return { type: 'page', customers: [] };
    if (answer.status !== 200 || answer.payload === undefined) return failureOf(answer);
    const hits = hitsSchema.safeParse(answer.payload).data;
    if (!hits) return otherForm;
    if (hits.data.some(({ Modified_Time }) => isBefore(window, Modified_Time)) || isRead(hits.data[0], place))
      return filterIgnored;

    const records = await readRecords(hits.data, context);
    if ('type' in records) return records;
    const last = hits.data.at(-1);
    const isMore = hits.info?.more_records || hits.data.length >= pageSize;
    const next = isMore && last && { stamp: last.Modified_Time, id: last.id };
    const customers = hits.data.flatMap(({ id }) => customersOf(records.get(id), context.options));
    return { type: 'page', customers, ...(next && { next }) };
  },
};

/** Whether a record is one of the pages before: then the query was not made as it was asked for, and others would be left out. */
function isRead(hit: z.infer<typeof hitSchema> | undefined, place: Place | undefined): boolean {
  if (!hit || !place) return false;
  const isSame = hit.Modified_Time === place.stamp;
  return hit.Modified_Time < place.stamp || (isSame && BigInt(hit.id) <= BigInt(place.id));
}

/** COQL wants each pair of criteria in brackets of its own. */
function coql({ since, until }: Window, place: Place | undefined, { module }: Options): string {
  const isNotLater = `Modified_Time <= '${literal(until)}'`;
  const isAfter = place
    ? `(Modified_Time > '${literal(place.stamp)}' or (Modified_Time = '${literal(place.stamp)}' and id > ${place.id}))`
    : since && `Modified_Time >= '${literal(since)}'`;
  const where = isAfter ? `(${isNotLater} and ${isAfter})` : isNotLater;
  return `select id, Modified_Time from ${module} where ${where} order by Modified_Time, id limit ${pageSize}`;
}

/** Whole seconds, with an offset. */
const literal = (time: Date | string): string => `${new Date(time).toISOString().slice(0, 19)}+00:00`;

/** The records by id, as they are now; one that was deleted in the meantime is missing. */
async function readRecords(
  hits: readonly { readonly id: string }[],
  context: FetchContext<Options>,
): Promise<ReadonlyMap<string, ZohoRecord> | VendorFailure | typeof otherForm> {
  if (hits.length === 0) return new Map();
  const { options } = context;
  const query = {
    ids: hits.map(({ id }) => id).join(),
    fields: fieldsRead(options).join(),
    per_page: String(pageSize),
  };
  const answer = await askZoho({ path: options.module, query }, context);
  if (isFailure(answer)) return answer;
  if (answer.status === 204) return new Map();
  if (answer.status !== 200 || answer.payload === undefined) return failureOf(answer);
  const records = recordsIn(answer);
  return records ? new Map(records.map((record) => [record.id, record])) : otherForm;
}

function customersOf(record: ZohoRecord | undefined, options: Options): ReadCustomer[] {
  if (!record) return [];
  const changedAt = z.iso.datetime({ offset: true }).safeParse(record.Modified_Time).data;
  const payload = changeOf(record, options);
  return [
    {
      recordId: record.id,
      ...(changedAt && { changedAt: new Date(changedAt).toISOString() }),
      payload: payload as unknown as JsonValue, // out of an answer, it is JSON
    },
  ];
}
