import * as z from 'zod';
import type { Hold } from './outcome.ts';

/** Writing that an operator has stopped: `all`, `source:<name>` or `customer:<id>`. */
export const handPauseSchema = z.object({
  subject: z.string(),
  /** Why, in the operator's words. */
  note: z.string(),
  since: z.iso.datetime(),
  /** When it ends by itself; absent: when somebody resumes it. */
  until: z.iso.datetime().exactOptional(),
  /** The name that the operator gave. */
  by: z.string().exactOptional(),
});
export type HandPause = z.infer<typeof handPauseSchema>;

/** Looks again so soon after the pause began, and after a quarter of its age later, but not later than this. */
const soonestMs = 15_000;
const latestMs = 300_000;

/** The first of the pauses that holds any of these subjects now. */
export function pauseOf(
  pauses: readonly HandPause[],
  subjects: readonly string[],
  now: number,
): HandPause | undefined {
  return pauses.find((pause) => pauseHolds(pause, subjects, now));
}

/** Whether a pause holds one of these subjects now. */
export function pauseHolds({ subject, until }: HandPause, subjects: readonly string[], now: number): boolean {
  return subjects.includes(subject) && (!until || Date.parse(until) > now);
}

/** What follows for a change that a pause holds: the longer it lasts, the less often its changes look again. */
export function heldBy({ since, until }: HandPause, now: number): Hold {
  const age = now - Date.parse(since);
  const waitMs = Math.min(Math.max(age / 4, soonestMs), latestMs);
  const leftMs = until ? Date.parse(until) - now : Number.POSITIVE_INFINITY;
  return {
    follows: 'hold',
    told: { outcome: 'paused', reason: pausedByHand },
    waitMs: Math.max(1000, Math.min(waitMs, leftMs)),
  };
}

export const pausedByHand = 'paused-by-hand';
