import { addressFields } from '../../domain/address.ts';
import type { Done, Outcome } from '../record/outcome.ts';
import { type DeliveryRecord, withAttempt } from '../record/record.ts';

/** The record of a change that an attempt has finished. */
export function endedRecord(outcome: Done, record: DeliveryRecord, now: Date): DeliveryRecord {
  const { nextAttemptAt: _, reason: __, writtenSoFar: ___, ...rest } = record;
  const attempt = { at: now.toISOString(), ...outcome.told };
  return withAttempt({ ...rest, ...doneNews(outcome, record) }, attempt);
}

/** What this attempt and those before it have written of a change that DirectScale refuses as a whole, by path. */
export function writtenOf(outcome: Outcome, record: DeliveryRecord): string[] {
  return [...new Set([...(record.writtenSoFar ?? []), ...(outcome.written ?? [])])];
}

/** What a finished change adds to its record. */
function doneNews(outcome: Done, record: DeliveryRecord): Partial<DeliveryRecord> {
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
