import * as z from 'zod';
import type { JsonValue } from '../../lib/json.ts';
import type { ChangesSince, ReadCustomer } from '../changes-since.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { askWooCommerce } from './api.ts';
import type { Options } from './options.ts';

/** Where the walk goes on: at the row that was the last one, and its id. */
const placeSchema = z.object({ offset: z.int().nonnegative(), lastId: z.int().nonnegative() });

const rowSchema = z.looseObject({
  id: z.int().positive(),
  role: z.string().optional(),
  date_created_gmt: z.string().nullish(),
  date_modified_gmt: z.string().nullish(),
});
type Row = z.infer<typeof rowSchema>;

/**
 * All customers in the order of their ids: WooCommerce has no filter by change, and its time of change is not moved by meta
 * fields. https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-customers
 * Each page begins with the last row of the one before. If that is not there any more, somebody was deleted, and rows have
 * moved forward: the walk goes back to where it knows the ids.
 */
export const changesSince: ChangesSince<Options> = {
  lookBackMs: 0,
  readsAll: true,

  async read({ at }, context) {
    const { roles, api } = context.options;
    const { offset, lastId } = placeSchema.safeParse(at).data ?? { offset: 0, lastId: 0 };
    const size = api?.pageSize ?? 0;
    const query = `role=all&orderby=id&order=asc&per_page=${size}&offset=${offset}`;
    const answer = await askWooCommerce(`customers?${query}`, context);
    if (answer.type !== 'answer') return answer;
    const rows = z.array(rowSchema).safeParse(answer.payload).data;
    if (!rows) return otherForm;
    const [first] = rows;
    const last = rows.at(-1);
    if (rows.some(({ id }, index) => id <= (rows[index - 1]?.id ?? 0))) return filterIgnored;

    const isBeyond = first === undefined || first.id > lastId;
    if (offset > 0 && isBeyond)
      return { type: 'page', customers: [], next: { offset: Math.max(0, offset - size + 1), lastId } };

    const customers = rows
      .filter(({ id, role }) => id > lastId && (role === undefined || !roles || roles.includes(role)))
      .map(customerOf);
    const isLast =
      last === undefined || last.id <= lastId || (answer.total ?? Infinity) <= offset + rows.length;
    return {
      type: 'page',
      customers,
      ...(!isLast && { next: { offset: offset + rows.length - 1, lastId: last.id } }),
    };
  },
};

/** Whoever was never edited has been so since she was made: as of now, her values would overwrite newer ones. */
function customerOf(row: Row): ReadCustomer {
  const date_modified_gmt = row.date_modified_gmt || row.date_created_gmt || null;
  return {
    recordId: String(row.id),
    ...(date_modified_gmt && { changedAt: `${date_modified_gmt.replace(/Z$/, '')}Z` }),
    payload: { ...row, date_modified_gmt } as JsonValue, // out of JSON
  };
}
