import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { delaysWithin, nextDelay, parseSchedule } from '../../src/lib/retry-schedule.ts';

describe('the setting', () => {
  test.each([
    ['5 s, 30 s, 2 min, 1 h', [5000, 30_000, 120_000, 3_600_000]],
    ['250ms', [250]],
    [' 1s ,2  s', [1000, 2000]],
  ])('%s', (text, delays) => {
    expect(parseSchedule(text)).toEqual(delays);
  });

  test.each(['', ' ', '5', '5 d', '5 s,', '0 s', '-5 s', '1.5 s', '5 s; 6 s', '5 S'])(
    'not a list: "%s"',
    (text) => {
      expect(parseSchedule(text)).toBeUndefined();
    },
  );
});

test.each([
  [0, 0],
  [999, 0],
  [1000, 1],
  [5999, 1],
  [6000, 2],
  [Number.MAX_SAFE_INTEGER, 2],
])('into %i ms fit %i delays of 1 s and 5 s', (ms, fitting) => {
  expect(delaysWithin([1000, 5000], ms)).toBe(fitting);
});

describe('the delay before the next attempt', () => {
  const schedule = [1000, 5000];

  test('follows the schedule, and ends with it', () => {
    const delays = [1, 2, 3].map((failed) => nextDelay(schedule, failed, 0, () => 0));
    expect(delays).toEqual([1000, 5000, undefined]);
  });

  test('Retry-After counts when it is longer', () => {
    expect(nextDelay(schedule, 1, 3000, () => 0)).toBe(3000);
    expect(nextDelay(schedule, 2, 3000, () => 0)).toBe(5000);
  });

  test('Retry-After does not prolong the schedule', () => {
    expect(nextDelay(schedule, 3, 3000)).toBeUndefined();
  });

  test('is spread over a fifth, never shortened', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(random, fc.nat(100_000), (chance, retryAfterMs) => {
        const least = Math.max(1000, retryAfterMs);
        const delay = nextDelay(schedule, 1, retryAfterMs, () => chance);
        expect(delay).toBeGreaterThanOrEqual(least);
        expect(delay).toBeLessThanOrEqual(Math.round(least * 1.2));
      }),
    );
    expect(nextDelay(schedule, 1, 0, () => 0.5)).toBe(1100);
  });
});
