import { delaysWithin, nextDelay } from '../../lib/retry-schedule.ts';
import type { Outcome, Park, Retry } from '../record/outcome.ts';
import { type Attempt, type DeliveryRecord, withAttempt } from '../record/record.ts';
import type { AttemptContext } from './attempt-change.ts';
import { endedRecord, writtenOf } from './ended-record.ts';

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
      return { record: endedRecord(outcome, record, now), attempt, isNews: true };
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
