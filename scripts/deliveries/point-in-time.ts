import * as z from 'zod';

const dayMs = 24 * 3_600_000;
const unitMs = { min: 60_000, h: 3_600_000, d: dayMs } as const;

const dateTime = z.iso.datetime({ local: true });
const date = z.iso.date();

/**
 * Reads a time as an operator writes it: ISO 8601 (a date or a date-time), `yesterday`, `today` (their first moment),
 * or a span back from `now` such as `30min`, `2h`, `3d`. UTC where it names no zone, like everything that is printed.
 * Undefined when it is none of these.
 */
export function parsePointInTime(text: string, now: Date): Date | undefined {
  const today = now.getTime() - (now.getTime() % dayMs);
  if (text === 'today') return new Date(today);
  if (text === 'yesterday') return new Date(today - dayMs);
  const [, amount, unit] = /^(\d{1,5}) ?(min|h|d)$/.exec(text) ?? [];
  if (amount && unit) {
    return new Date(now.getTime() - Number(amount) * unitMs[unit as keyof typeof unitMs]); // the pattern admits no other unit
  }
  if (date.safeParse(text).success) return new Date(`${text}T00:00:00Z`);
  const [, local = '', zone = 'Z'] = /^(.+?)(Z|[+-]\d\d:[0-5]\d)?$/.exec(text) ?? [];
  const time = new Date(local + zone);
  return dateTime.safeParse(local).success && !Number.isNaN(time.getTime()) ? time : undefined;
}
