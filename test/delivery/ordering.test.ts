import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  comparePositions,
  decide,
  type FieldStates,
  markApplied,
  markInDoubt,
  restore,
  type Wanted,
} from '../../src/delivery/customer/ordering.ts';

const at = (occurredAt: number, receivedAt = 0, changeId = 'a') => ({ occurredAt, receivedAt, changeId });
const wants = (path: string, hash: string, position = at(1)): Wanted => ({ path, hash, position });

describe('which of two positions is later', () => {
  test.each([
    ['the time in the source', at(2, 0, 'a'), at(1, 9, 'z')],
    ['then the time of receipt', at(1, 2, 'a'), at(1, 1, 'z')],
    ["then the change's id", at(1, 1, 'b'), at(1, 1, 'a')],
  ])('%s decides', (_, later, earlier) => {
    expect(comparePositions(later, earlier)).toBeGreaterThan(0);
    expect(comparePositions(earlier, later)).toBeLessThan(0);
  });

  test('a position is not later than itself', () => {
    expect(comparePositions(at(1), at(1))).toBe(0);
  });
});

describe('what a change may still write', () => {
  test.each<[string, FieldStates, 'send' | 'unchanged' | 'stale' | 'waiting']>([
    ['a field of which nothing is known', {}, 'send'],
    ['another value, newer', { FirstName: { applied: at(4), hash: 'old' } }, 'send'],
    ['the value that DirectScale holds', { FirstName: { applied: at(4), hash: 'new' } }, 'unchanged'],
    ['a value older than the applied one', { FirstName: { applied: at(6), hash: 'newest' } }, 'stale'],
    ['the older one, even of equal value', { FirstName: { applied: at(6), hash: 'new' } }, 'stale'],
    ['a value older than one in doubt', { FirstName: { inDoubt: at(6) } }, 'waiting'],
    ['its own repeat, while in doubt', { FirstName: { inDoubt: at(5) } }, 'send'],
    ['a value newer than one in doubt', { FirstName: { inDoubt: at(4), hash: 'new' } }, 'send'],
    ['its own repeat, once applied', { FirstName: { applied: at(5), hash: 'new' } }, 'unchanged'],
    ['stale before in doubt', { FirstName: { applied: at(6), inDoubt: at(7) } }, 'stale'],
  ])('%s', (_, states, expected) => {
    const wanted = wants('FirstName', 'new', at(5));
    const none = { send: [], unchanged: [], stale: [], waiting: [] };
    expect(decide([wanted], states)).toEqual({ ...none, [expected]: [wanted] });
  });

  test('each field is decided for itself', () => {
    const states = { FirstName: { applied: at(9) }, LastName: { applied: at(1), hash: 'old' } };
    const first = wants('FirstName', 'new', at(5));
    const last = wants('LastName', 'new', at(5));
    expect(decide([first, last], states)).toMatchObject({ stale: [first], send: [last] });
  });
});

describe('what is known after a call', () => {
  const before: FieldStates = {
    FirstName: { applied: at(1), hash: 'old' },
    LastName: { applied: at(2), hash: 'kept' },
  };
  const sent = [wants('FirstName', 'new', at(5)), wants('TaxId', 'new', at(5))];
  const begun = markInDoubt(before, sent);

  test('before its end is seen, no value is known', () => {
    expect(begun).toEqual({
      FirstName: { applied: at(1), inDoubt: at(5) },
      TaxId: { inDoubt: at(5) },
      LastName: { applied: at(2), hash: 'kept' },
    });
  });

  test('after a success, the new values are', () => {
    expect(markApplied(begun, sent)).toEqual({
      FirstName: { applied: at(5), hash: 'new' },
      TaxId: { applied: at(5), hash: 'new' },
      LastName: { applied: at(2), hash: 'kept' },
    });
  });

  test('after a refusal, it is as before', () => {
    expect(restore(begun, before, sent)).toEqual(before);
  });
});

interface Arrival {
  readonly id: string;
  readonly wanted: readonly Wanted[];
}

const arrivals: fc.Arbitrary<Arrival[]> = fc
  .array(
    fc.record({
      occurredAt: fc.nat(4),
      receivedAt: fc.nat(2),
      // Few values, so that equal ones meet.
      values: fc.dictionary(fc.constantFrom('FirstName', 'LastName'), fc.constantFrom('x', 'y', 'z'), {
        minKeys: 1,
      }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((changes) =>
    changes.map(({ occurredAt, receivedAt, values }, index) => ({
      id: `c${index}`,
      wanted: Object.entries(values).map(([path, hash]) =>
        wants(path, hash, at(occurredAt, receivedAt, `c${index}`)),
      ),
    })),
  );

/** The changes with some repeated, in any order. */
const shuffled = arrivals.chain((changes) =>
  fc
    .array(fc.constantFrom(...changes), { maxLength: 6 })
    .chain((repeats) =>
      fc.shuffledSubarray([...changes, ...repeats], { minLength: changes.length + repeats.length }),
    ),
);

function newest(changes: readonly Arrival[]): Record<string, string> {
  const oldestFirst = changes
    .flatMap(({ wanted }) => wanted)
    .toSorted((a, b) => comparePositions(a.position, b.position));
  return Object.fromEntries(oldestFirst.map(({ path, hash }) => [path, hash]));
}

const ends = ['applied', 'refused', 'lost, written', 'lost, not written'] as const;

/** Applies changes until all are done, with the given ends of the first calls; then all calls succeed. */
function applyAll(changes: readonly Arrival[], endings: readonly (typeof ends)[number][] = []) {
  const queue = [...changes];
  const written: Wanted[] = [];
  const left = [...endings];
  let states: FieldStates = {};
  for (let change = queue.shift(); change; change = queue.shift()) {
    const { send, unchanged, waiting } = decide(change.wanted, states);
    if (waiting.length > 0) {
      queue.push(change);
      continue;
    }
    const before = markApplied(states, unchanged);
    states = before;
    if (send.length === 0) continue;
    states = markInDoubt(before, send);
    const end = left.shift() ?? 'applied';
    if (end === 'applied' || end === 'lost, written') written.push(...send);
    if (end === 'applied') states = markApplied(states, send);
    else queue.push(change);
    if (end === 'refused') states = restore(states, before, send);
  }
  return { written, held: Object.fromEntries(written.map(({ path, hash }) => [path, hash])) };
}

describe('whatever order and repetition changes arrive in', () => {
  test('the newest value of each field remains', () => {
    fc.assert(
      fc.property(shuffled, (changes) => {
        expect(applyAll(changes).held).toEqual(newest(changes));
      }),
    );
  });

  test('nothing is written after something newer', () => {
    fc.assert(
      fc.property(shuffled, (changes) => {
        for (const sent of Object.values(Object.groupBy(applyAll(changes).written, ({ path }) => path))) {
          const positions = sent?.map(({ position }) => position) ?? [];
          expect(positions).toEqual(positions.toSorted(comparePositions));
        }
      }),
    );
  });

  test('the newest value remains when calls fail, or nobody sees their end', () => {
    const endings = fc.array(fc.constantFrom(...ends), { maxLength: 20 });
    fc.assert(
      fc.property(shuffled, endings, (changes, given) => {
        expect(applyAll(changes, given).held).toEqual(newest(changes));
      }),
      { numRuns: 500 },
    );
  });
});
