import { expect, test } from 'vitest';
import { dayIn, isTimeZone, momentOf } from '../../src/sources/shared/local-time.ts';

test.each([
  ['2026-11-20 21:03:22', 'UTC', '2026-11-20T21:03:22.000Z'],
  ['2026-11-20 14:03:22', 'America/Denver', '2026-11-20T21:03:22.000Z'],
  ['2026-07-20 14:03:22', 'America/Denver', '2026-07-20T20:03:22.000Z'],
  ['2026-11-21 06:03:22', 'Asia/Tokyo', '2026-11-20T21:03:22.000Z'],
  ['2026-11-21 00:00:00', 'Asia/Kolkata', '2026-11-20T18:30:00.000Z'],
  // An hour before and after clocks are put forward, and back.
  ['2026-03-08 01:30:00', 'America/Denver', '2026-03-08T08:30:00.000Z'],
  ['2026-03-08 03:30:00', 'America/Denver', '2026-03-08T09:30:00.000Z'],
  ['2026-11-01 00:30:00', 'America/Denver', '2026-11-01T06:30:00.000Z'],
  ['2026-11-01 02:30:00', 'America/Denver', '2026-11-01T09:30:00.000Z'],
])('%s in %s is %s', (local, zone, moment) => expect(momentOf(local, zone)).toBe(moment));

test.each(['', '2026-11-20', '2026-11-20T21:03:22Z', '2026-13-20 21:03:22', '2026-11-20 21:03:22 x'])(
  '"%s" is no such time',
  (text) => expect(momentOf(text, 'UTC')).toBeUndefined(),
);

test('names of time zones', () => {
  expect(['UTC', 'America/Denver', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
});

test('a day begins at midnight of the time zone', () => {
  const midnight = new Date('1990-05-14T14:00:00Z');
  expect(dayIn(midnight, 'Australia/Sydney')).toBe('1990-05-15');
  expect(dayIn(midnight, 'America/Denver')).toBe('1990-05-14');
});
