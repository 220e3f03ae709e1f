import type { LeftOut } from '../../domain/left-out.ts';
import type { Violation } from '../../domain/violation.ts';
import type { Attempt, ParkingReason } from './record.ts';

/** What an attempt came to, for the timeline. Ids, codes and DirectScale's words; no values. */
export type Told = Omit<Attempt, 'at'>;

/**
 * What calls for parts of the change have written in this attempt, by path, if it took several: DirectScale refused it as a
 * whole. An address has one path.
 */
type Written = readonly string[];

/** The change is finished. */
export interface Done {
  readonly follows: 'done';
  readonly status: 'applied' | 'unchanged' | 'stale' | 'ignored';
  readonly told: Told;
  /** Why it is ignored. */
  readonly reason?: string;
  /** Fields of an applied change that were not sent: stale or unchanged. By name. */
  readonly dropped?: readonly string[];
  /** Fields in which DirectScale was seen to hold another value than the relay wrote last. By name. */
  readonly drifted?: readonly string[];
  /** Fields that cannot be used and are not written. */
  readonly leftOut?: readonly LeftOut[];
  readonly written?: Written;
}

/** The change cannot be delivered as it is: a person has to look at it. */
export interface Park {
  readonly follows: 'park';
  readonly reason: ParkingReason;
  readonly told: Told;
  /** More about the reason, in words: ids and names, no values. */
  readonly note?: string;
  readonly violations?: readonly Violation[];
  readonly written?: Written;
}

/** Newer changes, by change id, that are in doubt: those that are finished must be sent again. */
type Behind = readonly string[];

/** The change is tried again by the retry schedule, which this attempt has used up by one step. */
export interface Retry {
  readonly follows: 'retry';
  readonly told: Told;
  /** What DirectScale or the vendor asked to wait, in ms. */
  readonly waitMs?: number;
  /** No call was made: it uses up no more of the schedule than fits into the outage so far. Times in ms. */
  readonly outage?: { readonly since: number; readonly waitMs: number };
  readonly behind?: Behind;
  readonly written?: Written;
}

/** The change is tried again without using the schedule up: nothing is wrong with it. */
export interface Hold {
  readonly follows: 'hold';
  readonly told: Told;
  /** Spread by up to a third, so that changes that wait for the same do not come back together. */
  readonly waitMs: number;
  /** The attempt may as well stand still for this long and look again. Absent: it had better not. */
  readonly standMs?: number;
  readonly behind?: Behind;
  readonly written?: Written;
}

/**
 * What follows from an attempt. The stage that knows says so itself (find, plan, apply, read): nobody has to translate
 * its results later.
 */
export type Outcome = Done | Park | Retry | Hold;

/** The customer was forgotten on request after the change was received: nothing of it is applied or recorded. */
export const forgotten: Done = {
  follows: 'done',
  status: 'ignored',
  reason: 'the customer was forgotten on request',
  told: { outcome: 'forgotten' },
};

/** A change to this customer is being written by somebody else. */
export const busy: Hold = {
  follows: 'hold',
  told: { outcome: 'busy', reason: 'customer-busy' },
  waitMs: 1000,
  standMs: 250,
};

/** A fault of the configuration (a refused key, a missing secret): the change looks again after 15 to 20 s. */
export function misconfigured(reason: string, told: Partial<Told> = {}): Hold {
  return {
    follows: 'hold',
    told: { ...told, outcome: 'misconfigured', reason },
    waitMs: misconfiguredWaitMs,
  };
}

/** Short, because a change is to go on within a minute after a key was put right. */
const misconfiguredWaitMs = 15_000;
