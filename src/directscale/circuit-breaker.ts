import type { CallResult } from './client.ts';
import type { Unavailable } from './outcome.ts';

/** Why no calls are made now. */
export type OpenReason = Extract<CallResult, { reason: string }>['reason'];

const outages: readonly string[] = ['server-error', 'no-answer', 'timeout'] satisfies OpenReason[];
const throttlings: readonly string[] = ['throttled', 'quota'] satisfies OpenReason[];

/** DirectScale does not work. */
export const isOutage = (reason: OpenReason): boolean => outages.includes(reason);

/** DirectScale works, but not for us now. */
export const isThrottled = (reason: OpenReason): boolean => throttlings.includes(reason);

/** What goes for every instance. */
const concernsAll = (reason: string): reason is OpenReason =>
  outages.includes(reason) || throttlings.includes(reason);

/** An open circuit, for health. */
export interface CircuitState {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly until: string;
}

/** No call may be made now. */
export interface Refusal {
  readonly waitMs: number;
  readonly reason: OpenReason;
  /** Since when this reason has kept the circuit open, in ms since 1970. */
  readonly since: number;
  /** The time of the open circuit is over: another attempt probes, or is let first. */
  readonly isHalfOpen: boolean;
}

/** What a call came to: a CallResult, or something that was read. */
export type Reported = CallResult | { readonly outcome: 'found' };

/** The permission to make the calls of one attempt. */
export interface Permit {
  /** Says what a call came to. */
  report(result: Reported): void;
  /** Gives the permission back, with or without a report: call it in `finally`. */
  release(): void;
}

/**
 * The circuit breaker of one instance. Closed: calls are made. Open, because several customers' calls failed, or
 * because our key, our address or our quota is at fault: no calls are made. Half-open, when the time of an open one is
 * over: one attempt probes, and what comes of it closes or opens the circuit.
 */
export interface CircuitBreaker {
  /** Asks for the calls of one attempt. `about`: the customer's id, or whatever names the one who is looked for. */
  enter(about: string): { readonly permit: Permit } | { readonly refusal: Refusal };
  /** Undefined: closed. */
  state(): CircuitState | undefined;
  /** Whether a change to another customer was applied after `since`, in ms since 1970. */
  passedSince(about: string, since: number): boolean;
  /**
   * Hears that another instance's circuit is open, for an outage or throttling: this one opens with it, and probes by itself when
   * the time is over. Ignored if a call of this instance has worked since, and for a refused key: each instance has read its own.
   */
  hear(other: CircuitState): void;
}

/** So many customers, and nothing that worked in between, are an outage; one customer's failures are its own. */
const customersToOpen = 3;
/** A failure counts for so long. */
const failureCountsMs = 60_000;
const firstOpenMs = 2000;
const longestOpenMs = 60_000;
/** A definite `Retry-After` may ask for more. */
const longestAskedMs = 15 * 60_000;
/** Short, because a key that was put right must be found within a minute. */
const misconfiguredOpenMs = 5000;
/** How long the others wait while one probes. */
const probeWaitMs = 250;
/** A customer whose calls failed lets others probe first: it may be the only one that fails. */
const laterProbeMs = 5000;

interface Open {
  readonly reason: OpenReason;
  readonly since: number;
  readonly until: number;
  /** How many probes failed for the same reason. */
  readonly failedProbes: number;
}

/** @param onChange is told of each opening, each prolonging and the closing (undefined). */
export function createCircuitBreaker(
  onChange: (state: CircuitState | undefined) => void,
  now: () => number = Date.now,
): CircuitBreaker {
  return new Breaker(onChange, now);
}

class Breaker implements CircuitBreaker {
  #open: Open | undefined;
  #probe: Permit | undefined;
  /** When a customer's call failed last. */
  readonly #failing = new Map<string, number>();
  /** The two customers to whom a change was applied last, the newest first. */
  #passed: readonly { readonly about: string; readonly at: number }[] = [];
  readonly #onChange: (state: CircuitState | undefined) => void;
  readonly #now: () => number;

  constructor(onChange: (state: CircuitState | undefined) => void, now: () => number) {
    this.#onChange = onChange;
    this.#now = now;
  }

  state(): CircuitState | undefined {
    if (!this.#open) return undefined;
    const { reason, since, until } = this.#open;
    return { reason, since: new Date(since).toISOString(), until: new Date(until).toISOString() };
  }

  passedSince(about: string, since: number): boolean {
    return this.#passed.some((passed) => passed.about !== about && passed.at > since);
  }

  hear({ reason, since, until }: CircuitState): void {
    const open = { since: Date.parse(since), until: Date.parse(until) };
    const workedAt = this.#passed[0]?.at ?? 0;
    if (this.#open || !concernsAll(reason) || open.until <= this.#now() || open.since <= workedAt) return;
    // Without a report: the other instance has told it.
    this.#open = { ...open, reason, failedProbes: 0 };
  }

  enter(about: string): { readonly permit: Permit } | { readonly refusal: Refusal } {
    if (!this.#open) return { permit: this.#permitFor(about) };
    const { reason, since, until } = this.#open;
    const isHalfOpen = until <= this.#now();
    const waitMs = until + (this.#failing.has(about) ? laterProbeMs : 0) - this.#now();
    if (waitMs > 0) return { refusal: { waitMs, reason, since, isHalfOpen } };
    if (this.#probe) return { refusal: { waitMs: probeWaitMs, reason, since, isHalfOpen } };
    this.#probe = this.#permitFor(about);
    return { permit: this.#probe };
  }

  #permitFor(about: string): Permit {
    let hasRead = false;
    const permit: Permit = {
      report: (result) => {
        // That a customer can be read does not say that one can be written.
        if (result.outcome === 'found') hasRead = true;
        else this.#report(permit, about, result);
      },
      release: () => {
        if (this.#probe !== permit) return;
        this.#probe = undefined;
        if (hasRead) this.#close();
      },
    };
    return permit;
  }

  #report(permit: Permit, about: string, result: CallResult): void {
    if (result.outcome === 'unavailable') this.#remember(about);
    if (result.outcome === 'applied') {
      const others = this.#passed.filter((passed) => passed.about !== about);
      this.#passed = [{ about, at: this.#now() }, ...others.slice(0, 1)];
    }
    if (this.#open && this.#probe !== permit) {
      this.#hearBystander(result);
      return;
    }
    if (result.outcome === 'unavailable') this.#fail(result);
    else if (result.outcome === 'misconfigured') this.#keepOpen(result.reason, misconfiguredOpenMs);
    else {
      this.#failing.clear();
      this.#close();
    }
    this.#probe = undefined;
  }

  /** A call that began before the circuit opened says nothing about its end, but may say how long to wait. */
  #hearBystander(result: CallResult): void {
    if (!this.#open || !isThrottled(this.#open.reason)) return;
    if (result.outcome !== 'unavailable' || !isThrottled(result.reason)) return;
    if (result.retryAfterMs) this.#keepOpen(result.reason, askedMs(result));
  }

  /** A call failed that was allowed while the circuit was closed, or that was the probe. */
  #fail(result: Unavailable): void {
    const { reason } = result;
    if (isThrottled(reason) && result.retryAfterMs) this.#keepOpen(reason, askedMs(result));
    else if (this.#open && kindOf(this.#open.reason) === kindOf(reason)) {
      const failedProbes = this.#open.failedProbes + 1;
      this.#keepOpen(reason, Math.max(openMs(failedProbes), askedMs(result)), failedProbes);
    } else if (this.#failing.size >= customersToOpen) {
      this.#keepOpen(reason, Math.max(openMs(0), askedMs(result)));
    }
    // What kept the circuit open is over, and this is the first failure of another kind.
    else this.#close();
  }

  #remember(about: string): void {
    for (const [other, failedAt] of this.#failing) {
      if (failedAt + failureCountsMs < this.#now()) this.#failing.delete(other);
    }
    this.#failing.set(about, this.#now());
  }

  /** Opens the circuit, or keeps it open: for longer, never for less. */
  #keepOpen(reason: OpenReason, ms: number, failedProbes = 0): void {
    const before = this.#open && kindOf(this.#open.reason) === kindOf(reason) ? this.#open : undefined;
    const until = Math.max(before?.until ?? 0, this.#now() + ms);
    this.#open = { reason, since: before?.since ?? this.#now(), until, failedProbes };
    this.#onChange(this.state());
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = undefined;
    this.#onChange(undefined);
  }
}

const openMs = (failedProbes: number): number => Math.min(firstOpenMs * 2 ** failedProbes, longestOpenMs);
const askedMs = ({ retryAfterMs = 0 }: Unavailable): number => Math.min(retryAfterMs, longestAskedMs);

function kindOf(reason: OpenReason): 'outage' | 'throttled' | 'misconfigured' {
  if (isOutage(reason)) return 'outage';
  return isThrottled(reason) ? 'throttled' : 'misconfigured';
}
