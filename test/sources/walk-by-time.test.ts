import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Place, placeOf, type Row, takePage } from '../../src/sources/shared/walk-by-time.ts';

const until = new Date('2026-11-20T12:00:00Z');
const second = (n: number): string => new Date(Date.parse('2026-11-20T11:00:00Z') + n * 1000).toISOString();

/** What happens to a customer between two pages: saved (which moves her out of the window), or deleted. */
const happening = fc.record({
  beforePage: fc.nat(8),
  index: fc.nat(19),
  what: fc.constantFrom('saved', 'deleted'),
});

/** Many customers have the same time: up to twenty within four seconds. */
const list = fc.array(fc.nat(3), { maxLength: 20 });

test('whoever is left alone while the pages are read is given, whatever happens to the others', () => {
  fc.assert(
    fc.property(
      list,
      fc.integer({ min: 2, max: 5 }),
      fc.array(happening, { maxLength: 6 }),
      (times, size, happenings) => {
        const rows = new Map(times.map((time, index) => [String(index), second(time)]));
        const touched = new Set<string>();
        const given: string[] = [];
        let place: Place | undefined = placeOf({ since: new Date(second(0)), until });
        for (let page = 0; place; page++) {
          for (const { index, what } of happenings.filter(
            ({ beforePage }) => page > 0 && beforePage + 1 === page,
          )) {
            if (!rows.has(String(index))) continue;
            touched.add(String(index));
            if (what === 'saved') rows.set(String(index), '2026-11-20T12:30:00.000Z');
            else rows.delete(String(index));
          }
          const asked: Place = place;
          const inWindow: Row[] = [...rows]
            .map(([recordId, changedAt]) => ({ recordId, changedAt }))
            .filter(
              ({ changedAt }) => changedAt >= (asked.from ?? '') && Date.parse(changedAt) <= until.getTime(),
            )
            .toSorted((a, b) => (a.changedAt < b.changedAt ? -1 : a.changedAt > b.changedAt ? 1 : 0));
          const shown = inWindow.slice((asked.page - 1) * size, asked.page * size);
          const taken = takePage(
            asked,
            { rows: shown, hasMore: asked.page * size < inWindow.length, total: inWindow.length },
            until,
          );
          if (!taken) throw new Error('not in order');
          given.push(...taken.fresh.map(({ recordId }) => recordId));
          place = taken.next && placeOf({ until, at: JSON.parse(JSON.stringify(taken.next)) });
          expect(page).toBeLessThan(100);
        }
        const left = times.map((_, index) => String(index)).filter((id) => !touched.has(id));
        expect(given).toEqual(expect.arrayContaining(left));
        if (touched.size === 0) expect(given).toHaveLength(times.length);
      },
    ),
    { numRuns: 1000 },
  );
});

test('rows from before, or in another order, are not what was asked for', () => {
  const place = placeOf({ since: new Date(second(10)), until });
  const page = (...times: number[]) => ({
    rows: times.map((time, index) => ({ recordId: String(index), changedAt: second(time) })),
    hasMore: false,
  });
  expect(takePage(place, page(8, 11), until)).toBeUndefined();
  expect(takePage(place, page(12, 11), until)).toBeUndefined();
  // A second wider, as bounds are asked for.
  expect(takePage(place, page(9, 11), until)).toEqual({ fresh: [{ recordId: '1', changedAt: second(11) }] });
  expect(takePage(place, page(10, 5000), until)?.fresh).toHaveLength(1);
});

test('a place that cannot be read begins anew', () => {
  expect(placeOf({ until, at: { page: 'x' } })).toEqual({ page: 1, seen: [] });
});
