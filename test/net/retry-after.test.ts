import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/net/retry-after.ts';

const now = new Date('2026-03-01T12:00:00Z');
const dayMs = 86_400_000;

test.each([
  ['0', 0],
  ['5', 5000],
  [' 30 ', 30_000],
  ['86400', dayMs],
  ['86401', dayMs],
  ['9'.repeat(400), dayMs],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['Sun, 01 Mar 2099 12:00:00 GMT', dayMs],
])('%s asks for %i ms', (header, wait) => {
  expect(retryAfterMs(header, now)).toBe(wait);
});

test.each([
  null,
  '',
  ' ',
  '-1',
  '1.5',
  '+5',
  '0x10',
  '1e3',
  '5, 10',
  'soon',
  '5.03:23:11',
  '2026-03-01T12:00:30Z',
  'Sun, 99 Foo 2026 12:00:30 GMT',
])('%s counts as absent', (header) => {
  expect(retryAfterMs(header, now)).toBeUndefined();
});

test('whatever a server sends, the wait is absent or between nothing and a day', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'0123456789+-., :eGMTSun') }),
    fc.integer().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(hostile, (header) => {
      const wait = retryAfterMs(header, now);
      return wait === undefined || (wait >= 0 && wait <= dayMs);
    }),
  );
});
