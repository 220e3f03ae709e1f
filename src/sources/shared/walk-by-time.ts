import * as z from 'zod';
import type { Window } from '../changes-since.ts';

/**
 * A place in a list that its vendor sorts by time of change and gives by pages: page `page` of those that changed at `from` or
 * later. After each page the walk begins anew at the newest time that it saw: who changes meanwhile leaves the window, and moves
 * nobody over the border of a page. Only where a whole page has one and the same time is the next page asked for.
 */
const placeSchema = z.object({
  /** ISO 8601; absent: from the beginning. */
  from: z.string().exactOptional(),
  page: z.int().positive(),
  /** Those of the time `from` whom the walk has given already. */
  seen: z.array(z.string()),
  /** How many there were in the list when the page before was read. */
  total: z.int().exactOptional(),
  /** The last one of the page before. */
  last: z.string().exactOptional(),
});
export type Place = z.infer<typeof placeSchema>;

/** What a vendor's list says of a customer. */
export interface Row {
  readonly recordId: string;
  /** ISO 8601. */
  readonly changedAt: string;
}

/** A page of such a list, and what the vendor says of the rest. */
export interface ListPage<Item extends Row> {
  readonly rows: readonly Item[];
  /** Whether there is another page, says the vendor. */
  readonly hasMore: boolean;
  /** How many there are on all pages; absent: the vendor does not tell. */
  readonly total?: number;
}

/** How much earlier than asked for a row may be: some vendors do not say whether their bounds are included. */
const toleranceMs = 1000;

/** Where a read begins. */
export function placeOf({ since, at }: Window): Place {
  return placeSchema.safeParse(at).data ?? { ...(since && { from: since.toISOString() }), page: 1, seen: [] };
}

/** The bounds of what is asked for, in UTC and whole seconds, a second wider than what is taken. */
export function boundsOf({ from }: Place, until: Date): { readonly from?: string; readonly until: string } {
  const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return {
    ...(from !== undefined && { from: seconds(Date.parse(from) - toleranceMs) }),
    until: seconds(until.getTime() + toleranceMs),
  };
}

/**
 * The rows of a page that the walk has not given yet and that are in the window, and where it goes on; undefined: the vendor did
 * not filter or sort as it was asked to.
 */
export function takePage<Item extends Row>(
  place: Place,
  { rows, hasMore, total }: ListPage<Item>,
  until: Date,
): { readonly fresh: readonly Item[]; readonly next?: Place } | undefined {
  const from = place.from === undefined ? Number.NEGATIVE_INFINITY : wholeSecond(place.from);
  const isInOrder = rows.every(
    (row, index) => timeOf(row) >= Math.max(from - toleranceMs, timeOf(rows[index - 1])),
  );
  if (!isInOrder) return undefined;
  const fresh = rows.filter(
    (row) =>
      timeOf(row) >= from &&
      Date.parse(row.changedAt) <= until.getTime() &&
      !place.seen.includes(row.recordId),
  );
  // Somebody left the pages before: who was on the border may have moved back over it.
  const hasShrunk = place.total !== undefined && total !== undefined && total < place.total;
  if (hasShrunk) return { fresh, next: anew(place.from, []) };
  const next = hasMore ? nextPlace(place, rows, from, total) : undefined;
  return { fresh, ...(next && { next }) };
}

function nextPlace(
  place: Place,
  rows: readonly Row[],
  from: number,
  total: number | undefined,
): Place | undefined {
  const last = rows.at(-1);
  // Some vendors give their last page again for each one after it.
  if (!last || last.recordId === place.last) return undefined;
  if (timeOf(last) > from) {
    const seen = rows.filter((row) => timeOf(row) === timeOf(last)).map(({ recordId }) => recordId);
    return anew(last.changedAt, seen);
  }
  return {
    ...anew(place.from, place.page === 1 ? place.seen : []),
    page: place.page + 1,
    last: last.recordId,
    ...(total !== undefined && { total }),
  };
}

const anew = (from: string | undefined, seen: string[]): Place => ({
  ...(from !== undefined && { from }),
  page: 1,
  seen,
});

const wholeSecond = (time: string): number => Math.floor(Date.parse(time) / 1000) * 1000;
const timeOf = (row: Row | undefined): number =>
  row ? wholeSecond(row.changedAt) : Number.NEGATIVE_INFINITY;
