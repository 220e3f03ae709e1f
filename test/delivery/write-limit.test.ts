import { expect, test } from 'vitest';
import { countWrite, noWrites, type WriteHistory } from '../../src/delivery/record/write-limit.ts';

const minute = 60_000;
const start = Date.UTC(2026, 10, 23);

/** Writes until a pause begins; how many were allowed, and the pause in minutes. */
function untilPaused(history: WriteHistory, from: number, everyMs = 1000) {
  let current = history;
  for (let writes = 0; ; writes++) {
    const now = from + writes * everyMs;
    const counted = countWrite(current, 5, now);
    current = counted.history;
    if (!counted.isAllowed)
      return { writes, minutes: (current.pausedUntil - now) / minute, history: current };
    if (writes > 100) return { writes, minutes: 0, history: current };
  }
}

test('so many writes within a minute are allowed, the next one begins a pause', () =>
  expect(untilPaused(noWrites, start)).toMatchObject({ writes: 5, minutes: 15 }));

test('writes that come slowly enough never begin one', () =>
  expect(untilPaused(noWrites, start, 13_000)).toMatchObject({ minutes: 0 }));

test('each pause is twice as long as the one before, up to a day', () => {
  let history = noWrites;
  let now = start;
  const pauses: number[] = [];
  for (let round = 0; round < 10; round++) {
    const paused = untilPaused(history, now);
    pauses.push(paused.minutes);
    history = paused.history;
    now = history.pausedUntil + minute;
  }
  expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]);
});

test('after a quiet day the next pause is a short one again', () => {
  const { history } = untilPaused(untilPaused(noWrites, start).history, start + 20 * minute);
  expect(untilPaused(history, history.pausedUntil + 25 * 60 * minute).minutes).toBe(15);
});
