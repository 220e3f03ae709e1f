import { addressFields } from '../../domain/address.ts';
import { delaysWithin, nextDelay } from '../../lib/retry-schedule.ts';
import type { Done, Outcome, Park, Retry } from '../record/outcome.ts';
import { type Attempt, type DeliveryRecord, withAttempt } from '../record/record.ts';
import type { AttemptContext } from './attempt-change.ts';

/** What follows from an attempt: the record afterwards, and when the change is tried again, if it is. */
export interface Followed {
  readonly record: DeliveryRecord;
  readonly attempt: Attempt;
  /** False: the record says so already. */
  readonly isNews: boolean;
  readonly next?: { readonly turn: number; readonly delayMs: number };
}

type FollowContext = Pick<AttemptContext, 'schedule' | 'now' | 'random'>;

/** Done, parked, or in the queue again: with or without using up the retry schedule. `turn`: of the message it came with. */
export function follow(
  outcome: Outcome,
  record: DeliveryRecord,
  turn: number,
  context: FollowContext,
): Followed {
  const now = context.now();
  const attempt: Attempt = { at: now.toISOString(), ...outcome.told };
  const { nextAttemptAt: _, reason: __, writtenSoFar: ___, ...rest } = record;
  const written = writtenOf(outcome, record);
  const unfinished = written.length > 0 ? { writtenSoFar: written } : {};
  const become = (news: Partial<DeliveryRecord>): Followed => ({
    record: withAttempt({ ...rest, ...news }, attempt),
    attempt,
    isNews: true,
  });
  const comeBack = (news: Partial<DeliveryRecord>, delayMs: number, nextTurn: number): Followed => {
    const nextAttemptAt = new Date(now.getTime() + delayMs).toISOString();
    const reason = outcome.told.reason;
    const pending = become({
      ...unfinished,
      ...news,
      turn: nextTurn,
      nextAttemptAt,
      ...(reason && { reason }),
    });
    return { ...pending, next: { turn: nextTurn, delayMs } };
  };
  const lastTurn = Math.max(turn, record.turn);
  const hold = (waitMs: number): Followed => {
    // Changes that wait for the same do not come back together.
    const held = comeBack({}, waitMs * (1 + context.random() / 3), lastTurn);
    return { ...held, isNews: record.reason !== outcome.told.reason || outcome.written !== undefined };
  };
  switch (outcome.follows) {
    case 'done':
      return become(doneNews(outcome, record));
    case 'park':
      return become({ ...unfinished, ...parked(outcome) });
    case 'retry': {
      const failedAttempts = record.failedAttempts + 1;
      if (outcome.outage && usesUpTooMuch(outcome.outage, failedAttempts, context))
        return hold(outcome.outage.waitMs);
      const delayMs = nextDelay(context.schedule, failedAttempts, outcome.waitMs, context.random);
      if (delayMs === undefined)
        return become({ ...unfinished, failedAttempts, status: 'parked', reason: 'retries-exhausted' });
      return comeBack({ failedAttempts }, delayMs, lastTurn + 1);
    }
    case 'hold':
      return hold(outcome.waitMs);
  }
}

/** What this attempt and those before it have written of a change that DirectScale refuses as a whole, by path. */
export function writtenOf(outcome: Outcome, record: DeliveryRecord): string[] {
  return [...new Set([...(record.writtenSoFar ?? []), ...(outcome.written ?? [])])];
}

/** What a finished change adds to its record. */
export function doneNews(outcome: Done, record: DeliveryRecord): Partial<DeliveryRecord> {
  const { reason, drifted = [], leftOut: ofPlan = [] } = outcome;
  const written = writtenOf(outcome, record);
  // The last of several attempts finds unchanged, or even stale, what those before it wrote.
  const status = written.length > 0 && outcome.status !== 'ignored' ? 'applied' : outcome.status;
  const isWritten = (name: string) =>
    written.some(
      (path) =>
        name === path || addressFields.some((field) => path === field && name.startsWith(`${field}.`)),
    );
  const dropped = (outcome.dropped ?? []).filter((name) => !isWritten(name));
  const leftOut = [...new Map([...(record.leftOut ?? []), ...ofPlan].map((one) => [one.path, one])).values()];
  return {
    status,
    ...(reason && { reason }),
    // What a change as a whole is, none of its fields has to say.
    dropped: status === 'applied' ? [...dropped] : [],
    ...(drifted.length > 0 && { drifted: [...drifted] }),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

function parked({ reason, note, violations = [] }: Park): Partial<DeliveryRecord> {
  return { status: 'parked', reason, ...(note && { note }), violations: [...violations] };
}

/** An attempt that made no call uses up no more of its schedule than fits into the outage so far. */
function usesUpTooMuch(
  { since }: NonNullable<Retry['outage']>,
  failedAttempts: number,
  { schedule, now }: FollowContext,
): boolean {
  const fitting = delaysWithin(schedule, now().getTime() - since);
  return failedAttempts > fitting && fitting < schedule.length;
}
