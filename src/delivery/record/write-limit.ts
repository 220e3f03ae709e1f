import * as z from 'zod';

/** How often a customer was written to of late. Times in ms since 1970. */
export const writeHistorySchema = z.object({
  /** When the current minute of counting began, and the writes since then. */
  countedSince: z.number(),
  writes: z.number(),
  /** Nobody writes to the customer before that. 0: it was never paused. */
  pausedUntil: z.number(),
  /** Pauses in a row: each is twice as long as the one before. */
  pauses: z.number(),
});
export type WriteHistory = Readonly<z.infer<typeof writeHistorySchema>>;

export const noWrites: WriteHistory = { countedSince: 0, writes: 0, pausedUntil: 0, pauses: 0 };

const minuteMs = 60_000;
const firstPauseMs = 15 * minuteMs;
const longestPauseMs = 24 * 60 * minuteMs;
/** After so long without another pause the next one is a short one again. */
const forgivenAfterMs = 24 * 60 * minuteMs;

/**
 * What follows from one more write. Over the limit, `history` holds a pause and nothing may be written: two systems that
 * overwrite each other's values would go on for ever, and each round costs calls in three systems.
 */
export function countWrite(
  history: WriteHistory,
  perMinute: number,
  now: number,
): { readonly isAllowed: boolean; readonly history: WriteHistory } {
  const isSameMinute = now - history.countedSince < minuteMs;
  const writes = isSameMinute ? history.writes + 1 : 1;
  if (writes <= perMinute) {
    const countedSince = isSameMinute ? history.countedSince : now;
    return { isAllowed: true, history: { ...history, countedSince, writes } };
  }
  const isForgiven = now - history.pausedUntil > forgivenAfterMs;
  const pauses = isForgiven ? 1 : history.pauses + 1;
  const pauseMs = Math.min(firstPauseMs * 2 ** (pauses - 1), longestPauseMs);
  return {
    isAllowed: false,
    history: { countedSince: 0, writes: 0, pausedUntil: now + pauseMs, pauses },
  };
}
