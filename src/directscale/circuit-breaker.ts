import type { CallResult } from './client.ts';

/** Why no calls are made now. */
export type PauseReason = Extract<CallResult, { reason: string }>['reason'];

/** DirectScale does not work. */
export const isOutage = (reason: PauseReason): boolean =>
  reason === 'server-error' || reason === 'no-answer' || reason === 'timeout';

/** DirectScale works, but not for us now. */
export const isThrottled = (reason: PauseReason): boolean => reason === 'throttled' || reason === 'quota';

/** A pause, for health. */
export interface PauseState {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly until: string;
}

/**
 * The shared pause (circuit breaker) of one instance: while DirectScale is down, or our key is wrong, further calls
 * wait, and after the pause one is let through to probe.
 */
export interface Pause {
  /** Asks for a call. Undefined: go ahead, and tell {@link report} what came of it. Else: wait, in milliseconds. */
  enter(): { readonly waitMs: number; readonly reason: PauseReason } | undefined;
  report(result: CallResult): void;
  /** Who was let through is done, with or without a report. */
  leave(): void;
  state(): PauseState | undefined;
}

/** A single failure is an accident; this many in a row are an outage. */
const failuresToPause = 5;
const firstPauseMs = 2000;
const longestPauseMs = 60_000;
/** A definite `Retry-After` may ask for more. */
const longestAskedMs = 15 * 60_000;
/** Short, because a key that was put right must be found within a minute. */
const misconfiguredPauseMs = 5000;
/** How long the others wait while one probes. */
const probeWaitMs = 250;

export function createPause(
  onChange: (state: PauseState | undefined) => void,
  now: () => number = Date.now,
): Pause {
  let failures = 0;
  let pauses = 0;
  let since = 0;
  let until = 0;
  let reason: PauseReason | undefined;
  let probing = false;

  const state = (): PauseState | undefined =>
    reason && { reason, since: new Date(since).toISOString(), until: new Date(until).toISOString() };

  function begin(why: PauseReason, ms: number): void {
    if (!reason) since = now();
    reason = why;
    until = Math.max(until, now() + ms);
    onChange(state());
  }

  function clear(): void {
    pauses = 0;
    if (!reason) return;
    reason = undefined;
    onChange(undefined);
  }

  return {
    enter() {
      if (!reason) return undefined;
      if (now() < until) return { waitMs: until - now(), reason };
      if (probing) return { waitMs: probeWaitMs, reason };
      probing = true;
      return undefined;
    },
    report(result) {
      probing = false;
      // A call that began before the pause says nothing about its end.
      const paused = reason !== undefined && now() < until;
      if (result.outcome === 'misconfigured') return begin(result.reason, misconfiguredPauseMs);
      if (result.outcome !== 'unavailable') {
        failures = 0;
        return paused ? undefined : clear();
      }
      failures++;
      if (result.retryAfterMs) return begin(result.reason, Math.min(result.retryAfterMs, longestAskedMs));
      if (!paused && (reason || failures >= failuresToPause)) {
        begin(result.reason, Math.min(firstPauseMs * 2 ** pauses++, longestPauseMs));
      }
    },
    leave() {
      probing = false;
    },
    state,
  };
}
