import type { Attempt, RecordedChange } from '../record/record.ts';
import type { AttemptContext, Attempted, Patience } from './attempt-change.ts';
import { follow } from './follow.ts';
import { sendNext } from './resume.ts';
import { attemptOrRefused } from './take-on.ts';

/** Storage may be slow, or the process stand still: as long as the host keeps the delivery's message from others. */
const recordedWithinMs = 600_000;

/** A change after its first attempt, or one that is to be recorded without any. */
export interface FirstAttempt extends RecordedChange {
  readonly attempt: Attempt | undefined;
}

/** The first attempt at a change, and its next message if it needs one. Undefined: its customer is forgotten. */
export async function attemptFirst(
  recorded: RecordedChange,
  patience: Patience,
  context: AttemptContext,
): Promise<FirstAttempt | undefined> {
  if (recorded.record.status !== 'pending') return { ...recorded, attempt: undefined };
  return settleFirst(await attemptOrRefused(recorded, patience, context), context);
}

/** What follows from a first attempt. Undefined: its customer is forgotten. */
export async function settleFirst(
  { outcome, ...known }: Attempted,
  context: AttemptContext,
): Promise<FirstAttempt | undefined> {
  if (outcome.told.outcome === 'forgotten') return undefined;
  const { record, attempt, next } = follow(outcome, known.record, 0, context);
  if (next) {
    const recordMayComeUntil = new Date(context.now().getTime() + recordedWithinMs).toISOString();
    await sendNext(record, { ...next, recordMayComeUntil }, context);
  }
  return { ...known, record, attempt };
}
