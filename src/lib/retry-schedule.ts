/** Units of a delay in the setting RETRY_SCHEDULE. */
const unitMs = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

/** Reads `5 s, 30 s, 2 min, 1 h` into milliseconds. Undefined when it is not such a list. */
export function parseSchedule(text: string): number[] | undefined {
  const delays = text.split(',').map((part) => {
    const match = /^\s*(\d+)\s*(ms|s|min|h)\s*$/.exec(part);
    if (!match) return Number.NaN;
    return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]; // the pattern admits no other unit
  });
  return delays.every((delay) => delay > 0) ? delays : undefined;
}

/** How many delays of the schedule, from its beginning, fit into so many milliseconds. */
export function delaysWithin(schedule: readonly number[], ms: number): number {
  let rest = ms;
  const tooLong = schedule.findIndex((delay) => {
    rest -= delay;
    return rest < 0;
  });
  return tooLong < 0 ? schedule.length : tooLong;
}

/**
 * The delay before the next attempt, in milliseconds, spread by up to a fifth so that changes that failed together
 * do not come back together. `Retry-After` wins when it is longer. Undefined: the schedule is used up.
 */
export function nextDelay(
  schedule: readonly number[],
  failedAttempts: number,
  retryAfterMs = 0,
  random: () => number = Math.random,
): number | undefined {
  const delay = schedule[failedAttempts - 1];
  if (delay === undefined) return undefined;
  return Math.round(Math.max(delay, retryAfterMs) * (1 + random() / 5));
}
