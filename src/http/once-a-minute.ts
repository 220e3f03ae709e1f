import { leaveOutSpan } from '../telemetry/telemetry.ts';

const everyMs = 60_000;

/** When the last span of each name was kept. */
const keptAt = new Map<string, number>();

/**
 * Keeps the span in which this is called if it is the first of this name in a minute, else leaves it out: whether it is kept.
 * For what anybody may cause. The names must not be theirs to choose.
 */
export function isFirstInMinute(name: string): boolean {
  const now = Date.now();
  if (now - (keptAt.get(name) ?? Number.NEGATIVE_INFINITY) < everyMs) {
    leaveOutSpan();
    return false;
  }
  keptAt.set(name, now);
  return true;
}
