import * as z from 'zod';

/** What all instances together may ask of DirectScale. */
export interface Limits {
  readonly callsPerSecond: number;
  /** Calls that are under way at the same moment. */
  readonly callsAtATime: number;
}

/** What one instance may ask of DirectScale until its share ends. */
export const shareSchema = z.object({
  instance: z.string(),
  callsPerSecond: z.number().nonnegative(),
  callsAtATime: z.int().nonnegative(),
  /** ms since 1970 */
  until: z.number(),
});
export type Share = z.infer<typeof shareSchema>;

/** How long a share lasts, in ms: so seldom storage is asked, and so long the share of an instance that has ended is lost. */
export const shareMs = 10_000;
/** Clocks of instances differ: a share of another one counts for this much longer, in ms. */
const clocksMs = 1000;
/** This part of the limit is left for an instance that begins while others have shares. */
const reserve = 0.1;

/**
 * The shares with a new one for an instance: an equal part for each instance that has one, and no more than is free. An
 * instance that begins while the others hold what is there gets the reserve, and an equal part when their shares end.
 */
export function withShareOf(
  instance: string,
  shares: readonly Share[],
  limits: Limits,
  now: number,
): { readonly mine: Share; readonly shares: readonly Share[] } {
  const valid = shares.filter(({ until }) => until + clocksMs > now);
  const others = valid.filter((share) => share.instance !== instance);
  const begins = others.length > 0 && others.length === valid.length;
  const used = others.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0);
  const free = limits.callsPerSecond * (begins ? 1 : 1 - reserve) - used;
  const equalPart = limits.callsPerSecond / (others.length + 1);
  const callsPerSecond = Math.max(0, Math.min(equalPart, free));
  const part = callsPerSecond / limits.callsPerSecond;
  // Each instance may make one call at a time: of fewer it would never come to its end.
  const callsAtATime = Math.max(1, Math.floor(limits.callsAtATime * part));
  const mine = { instance, callsPerSecond, callsAtATime, until: now + shareMs };
  return { mine, shares: [...others, mine] };
}
