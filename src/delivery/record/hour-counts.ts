import * as z from 'zod';
import type { DeliveryRecord, Status } from './record.ts';

/** What became of the changes of one source that were received in one hour. */
export const hourCountsSchema = z.object({
  source: z.string(),
  /** When the hour began: ISO 8601, UTC. */
  hour: z.iso.datetime(),
  accepted: z.int(),
  applied: z.int(),
  leftOut: z.int(),
  parked: z.int(),
  pending: z.int(),
  unchanged: z.int(),
  stale: z.int(),
  /** Ignored, or returned to the caller. */
  other: z.int(),
  /** From receipt to applied, in ms, of those that were applied. */
  medianDelayMs: z.int().exactOptional(),
  slowestDelayMs: z.int().exactOptional(),
  /** When the newest of them was received: ISO 8601. */
  lastReceivedAt: z.iso.datetime(),
});
export type HourCounts = z.infer<typeof hourCountsSchema>;

const hourMs = 3_600_000;

/** The beginning of the hour in which a time lies. */
export function hourOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / hourMs) * hourMs);
}

/** So many hours later; before, if it is negative. */
export function hoursLater(time: Date, hours: number): Date {
  return new Date(time.getTime() + hours * hourMs);
}

const columnOf: Readonly<Record<Status, 'applied' | 'parked' | 'pending' | 'unchanged' | 'stale' | 'other'>> =
  {
    applied: 'applied',
    parked: 'parked',
    pending: 'pending',
    unchanged: 'unchanged',
    stale: 'stale',
    ignored: 'other',
    returned: 'other',
  };

type Counting = Omit<HourCounts, 'medianDelayMs' | 'slowestDelayMs'> & { readonly delays: number[] };

/** Counts records, a source and an hour at a time. */
export function createHourCounter() {
  const counting = new Map<string, { -readonly [Name in keyof Counting]: Counting[Name] }>();
  return {
    add(record: DeliveryRecord): void {
      const { source, receivedAt, status, leftOut = [] } = record;
      const hour = hourOf(new Date(receivedAt)).toISOString();
      const key = `${hour} ${source}`;
      const counts = counting.get(key) ?? {
        source,
        hour,
        accepted: 0,
        applied: 0,
        leftOut: 0,
        parked: 0,
        pending: 0,
        unchanged: 0,
        stale: 0,
        other: 0,
        lastReceivedAt: receivedAt,
        delays: [],
      };
      counting.set(key, counts);
      counts.accepted++;
      counts[columnOf[status]]++;
      if (leftOut.length > 0) counts.leftOut++;
      if (receivedAt > counts.lastReceivedAt) counts.lastReceivedAt = receivedAt;
      const appliedAt = record.attempts.find(({ outcome }) => outcome === 'applied')?.at;
      if (appliedAt !== undefined)
        counts.delays.push(Math.max(0, Date.parse(appliedAt) - Date.parse(receivedAt)));
    },

    /** What was counted, by hour, then by source. */
    counts(): HourCounts[] {
      return [...counting]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { delays, ...counts }]) => ({ ...counts, ...delaysOf(delays) }));
    },
  };
}

function delaysOf(delays: readonly number[]): Pick<HourCounts, 'medianDelayMs' | 'slowestDelayMs'> {
  const sorted = delays.toSorted((a, b) => a - b);
  const [median, slowest] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return {
    ...(median !== undefined && { medianDelayMs: median }),
    ...(slowest !== undefined && { slowestDelayMs: slowest }),
  };
}
