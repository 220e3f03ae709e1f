import fc from 'fast-check';
import { expect, test } from 'vitest';
import { preferenceOf } from '../../src/http/prefer.ts';

const of = (prefer: string) => preferenceOf(new Headers({ Prefer: prefer }));
const nothing = { wait: false, waitMs: 30_000, respondAsync: false, isLenient: false };

test.each([
  ['', nothing],
  ['wait', { ...nothing, wait: true }],
  ['wait=10', { ...nothing, wait: true, waitMs: 10_000 }],
  ['wait="5"', { ...nothing, wait: true, waitMs: 5000 }],
  ['WAIT = 0', { ...nothing, wait: true, waitMs: 0 }],
  ['wait=3600', { ...nothing, wait: true, waitMs: 30_000 }],
  ['wait=-1', { ...nothing, wait: true }],
  ['wait=1e9', { ...nothing, wait: true }],
  ['wait=1, wait=20', { ...nothing, wait: true, waitMs: 1000 }],
  ['respond-async, wait=10', { ...nothing, wait: true, waitMs: 10_000, respondAsync: true }],
  ['handling=lenient; foo="a,b"', { ...nothing, isLenient: true }],
  ['handling="Lenient"', { ...nothing, isLenient: true }],
  ['handling=strict', nothing],
])('%s', (prefer, expected) => {
  expect(of(prefer)).toEqual(expected);
});

test('without the header', () => {
  expect(preferenceOf(new Headers())).toEqual(nothing);
});

test('whatever the header says, there is a deadline', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)) }),
      (text) => {
        const { waitMs } = of(`wait=${text}`);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(30_000);
      },
    ),
  );
});
