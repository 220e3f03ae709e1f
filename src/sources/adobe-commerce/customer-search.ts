import * as z from 'zod';
import type { JsonValue } from '../../lib/json.ts';
import type { PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import type { FetchContext } from '../fetch-context.ts';
import { failureOf } from '../shared/call-vendor.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { boundsOf, type Place, placeOf, takePage } from '../shared/walk-by-time.ts';
import { isFailure } from '../shared/with-token.ts';
import type { Options, RestApi } from './options.ts';
import { readRest } from './rest-api.ts';

const rowSchema = z.looseObject({
  id: z.union([z.int(), z.string().regex(/^\d{1,20}$/)]),
  updated_at: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  custom_attributes: z.array(z.object({ attribute_code: z.string(), value: z.unknown() })).optional(),
});
type Row = z.infer<typeof rowSchema>;

const answerSchema = z.object({ items: z.array(rowSchema).nullable(), total_count: z.int().nonnegative() });

/**
 * Customers by `updated_at`, taken for UTC as everywhere in this kind.
 * https://developer.adobe.com/commerce/webapi/rest/use-rest/performing-searches/
 */
export async function readSearch(
  window: Window,
  api: RestApi,
  context: FetchContext<Options>,
): Promise<PageOfChanges> {
  const place = placeOf(window);
  const url = new URL(`${api.baseUrl}/V1/customers/search`);
  url.search = queryFor(place, window.until, api.pageSize);
  const answer = await readRest(url, api, context);
  if (isFailure(answer)) return answer;
  if (answer.status !== 200 || answer.payload === undefined) return failureOf(answer);
  const said = answerSchema.safeParse(answer.payload).data;
  if (!said) return otherForm;
  const rows = (said.items ?? []).map((row) => ({
    recordId: String(row.id),
    changedAt: `${row.updated_at.replace(' ', 'T')}Z`,
    row,
  }));
  const hasMore = place.page * api.pageSize < said.total_count;
  const taken = takePage(place, { rows, hasMore, total: said.total_count }, window.until);
  if (!taken) return filterIgnored;
  const customers = taken.fresh.map(({ recordId, changedAt, row }): ReadCustomer => {
    return { recordId, changedAt, payload: payloadOf(row, changedAt, context.options.product) };
  });
  return { type: 'page', customers, ...(taken.next && { next: { ...taken.next } }) };
}

/** Without a page size everything would come at once, and without an order the newest first. */
function queryFor(place: Place, end: Date, pageSize: number): string {
  const { from, until } = boundsOf(place, end);
  const filters = [...(from === undefined ? [] : [['gteq', from]]), ['lteq', until]];
  const query = new URLSearchParams();
  for (const [group, [condition = '', time = '']] of filters.entries()) {
    const filter = `searchCriteria[filter_groups][${group}][filters][0]`;
    query.set(`${filter}[field]`, 'updated_at');
    query.set(`${filter}[condition_type]`, condition);
    query.set(`${filter}[value]`, time.replace('T', ' ').replace('Z', ''));
  }
  for (const [index, field] of ['updated_at', 'entity_id'].entries()) {
    query.set(`searchCriteria[sortOrders][${index}][field]`, field);
    query.set(`searchCriteria[sortOrders][${index}][direction]`, 'ASC');
  }
  query.set('searchCriteria[pageSize]', String(pageSize));
  query.set('searchCriteria[currentPage]', String(place.page));
  return query.toString();
}

/** A customer in the form of what the product sends: an event in a list, or the body of a hook. */
function payloadOf(row: Row, time: string, product: Options['product']): JsonValue {
  const { custom_attributes = [], ...own } = row;
  const attributes = custom_attributes.map(({ attribute_code, value }) => [attribute_code, value]);
  const value = { ...Object.fromEntries(attributes), ...own } as JsonValue; // out of JSON
  return product === 'io-events' ? [{ time, data: { value } }] : { customer: value };
}
