import * as z from 'zod';

/** A sender's clock may be this far ahead. More would keep newer changes from being applied. */
const maxAheadMs = 5 * 60_000;

/** Epoch numbers below this are seconds (until the year 5138), others milliseconds. */
const firstMilliseconds = 100_000_000_000;

const epoch = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .transform((value) => {
    return new Date(value < firstMilliseconds ? value * 1000 : value);
  });

const iso = z.iso.datetime({ offset: true }).transform((value) => new Date(value));

/** A time as senders write it: ISO 8601 with a zone, or epoch seconds or milliseconds, as number or digits. */
export const timeSchema = z
  .union([iso, epoch], {
    error: 'must be an ISO 8601 date-time with a zone, or epoch seconds or milliseconds',
  })
  .refine((date) => date.getTime() >= 0, { error: 'must be a time since 1970' });

/** Why a change cannot have occurred then: more than five minutes after `readAt`, when the data was received or read. */
export function reasonAgainst(time: Date, readAt: Date): string | undefined {
  const isAhead = time.getTime() > readAt.getTime() + maxAheadMs;
  return isAhead ? 'lies in the future: check the clock of the sender' : undefined;
}

/** When a change occurred, for a request: {@link timeSchema} to ISO 8601, UTC, milliseconds. Refuses as {@link reasonAgainst}. */
export function occurredAtSchema(readAt: Date) {
  return timeSchema
    .superRefine((time, { addIssue }) => {
      const reason = reasonAgainst(time, readAt);
      if (reason !== undefined) addIssue(reason);
    })
    .transform((time) => time.toISOString());
}
