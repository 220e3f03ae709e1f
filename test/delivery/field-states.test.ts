import { describe, expect, test } from 'vitest';
import {
  decide,
  markApplied,
  markInDoubt,
  markOvertaken,
  type Wanted,
} from '../../src/delivery/record/field-states.ts';
import { comparePositions, type FieldStates } from '../../src/delivery/record/position.ts';

const at = (occurredAt: number, receivedAt = 0, changeId = 'a') => ({ occurredAt, receivedAt, changeId });
const wants = (path: string, hash: string, position = at(1)): Wanted => ({ path, hash, position });

describe('which of two positions is later', () => {
  test.each([
    ['the time in the source', at(2, 0, 'a'), at(1, 9, 'z')],
    ['then the time of receipt', at(1, 2, 'a'), at(1, 1, 'z')],
    ["then the change's id", at(1, 1, 'b'), at(1, 1, 'a')],
    ['then its place in the delivery', at(1, 1, 'a/10'), at(1, 1, 'a/2')],
  ])('%s decides', (_, later, earlier) => {
    expect(comparePositions(later, earlier)).toBeGreaterThan(0);
    expect(comparePositions(earlier, later)).toBeLessThan(0);
  });

  test('one without a time of its own comes before all that have one, and is ordered by receipt among its like', () => {
    const untimed = (receivedAt: number, changeId = 'a') => ({ receivedAt, changeId });
    expect(comparePositions(untimed(9), at(0, 0))).toBeLessThan(0);
    expect(comparePositions(at(0, 0), untimed(9))).toBeGreaterThan(0);
    expect(comparePositions(untimed(2, 'a'), untimed(1, 'z'))).toBeGreaterThan(0);
    expect(comparePositions(untimed(1, 'a'), untimed(1, 'b'))).toBeLessThan(0);
    expect(comparePositions(untimed(1), untimed(1))).toBe(0);
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

  test('after a call that may have come after a newer one, the newest change to each field is in doubt', () => {
    const states: FieldStates = {
      FirstName: { applied: at(5), hash: 'new' },
      TaxId: { inDoubt: at(6) },
      LastName: { applied: at(3), inDoubt: at(7) },
      CompanyName: { applied: at(8), inDoubt: at(2) },
      EmailAddress: { applied: at(9), hash: 'kept' },
    };
    const paths = ['FirstName', 'TaxId', 'LastName', 'CompanyName', 'BirthDate'];
    expect(markOvertaken(states, paths)).toEqual({
      FirstName: { inDoubt: at(5) },
      TaxId: { inDoubt: at(6) },
      LastName: { applied: at(3), inDoubt: at(7) },
      CompanyName: { inDoubt: at(8) },
      EmailAddress: { applied: at(9), hash: 'kept' },
    });
  });

  test('what was overtaken is sent again, and something older waits for that', () => {
    const overtaken = markOvertaken({ FirstName: { applied: at(5), hash: 'new' } }, ['FirstName']);
    const newest = wants('FirstName', 'new', at(5));
    expect(decide([newest], overtaken).send).toEqual([newest]);
    expect(decide([wants('FirstName', 'old', at(4))], overtaken)).toMatchObject({
      waiting: [{ hash: 'old' }],
    });
  });
});
