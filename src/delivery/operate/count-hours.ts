import { createHourCounter, type HourCounts, hourOf, hoursLater } from '../record/hour-counts.ts';
import type { Tables } from '../store/stores.ts';

type CountTables = Pick<Tables, 'records' | 'summedHours'>;

/** How far back hours are counted. */
export const hoursCounted = 48;
const pageSize = 1000;
/** Storage has a clock of its own; what was written while an hour was counted is counted once more. */
const marginMs = 5 * 60_000;

/**
 * Counts the hours that are over and were not counted yet, or in which a record was written since: what was pending then,
 * was replayed or came late. Returns how many were counted. Throws what storage throws.
 */
export async function sumUpHours(tables: CountTables, now: Date): Promise<number> {
  const current = hourOf(now);
  const first = hoursLater(current, -hoursCounted);
  const summed = await tables.summedHours.since(first);
  const byHour = new Map(summed.map(({ hour, summedAt }) => [hour, summedAt]));
  const lastRun = [...byHour.values()].toSorted().at(-1);
  const written = lastRun
    ? await tables.records.hoursWritten(first, current, new Date(Date.parse(lastRun) - marginMs))
    : new Set<string>();
  let counted = 0;
  for (let hour = first; hour < current; hour = hoursLater(hour, 1)) {
    const name = hour.toISOString();
    if (byHour.has(name) && !written.has(name)) continue;
    const counts = await countBetween(hour, hoursLater(hour, 1), tables);
    await tables.summedHours.put({ hour: name, summedAt: now.toISOString(), counts });
    counted++;
  }
  return counted;
}

export interface Counted {
  /** When the first hour began: ISO 8601. */
  readonly since: string;
  /** By hour, then by source. */
  readonly hours: readonly HourCounts[];
  /** Until when the current hour is counted: ISO 8601. */
  readonly asOf: string;
}

/**
 * The counts of so many hours, the current one included: of those that are over as they were summed up, of the others
 * (mostly the current one) as the records say now. Throws what storage throws.
 */
export async function countHours(hours: number, tables: CountTables, now: Date): Promise<Counted> {
  const first = hoursLater(hourOf(now), 1 - hours);
  const summed = await tables.summedHours.since(first);
  const names = new Set(summed.map(({ hour }) => hour));
  let open = first;
  while (names.has(open.toISOString())) open = hoursLater(open, 1);
  const live = await countBetween(open, hoursLater(now, 1), tables);
  const before = summed.filter(({ hour }) => hour < open.toISOString()).flatMap(({ counts }) => counts);
  const all = [...before, ...live].toSorted(
    (a, b) => a.hour.localeCompare(b.hour) || a.source.localeCompare(b.source),
  );
  return { since: first.toISOString(), hours: all, asOf: now.toISOString() };
}

async function countBetween(since: Date, until: Date, { records }: CountTables): Promise<HourCounts[]> {
  const counter = createHourCounter();
  let from: string | undefined;
  do {
    const page = await records.list({ since, until }, pageSize, from);
    for (const record of page.records) counter.add(record);
    from = page.next;
  } while (from);
  return counter.counts();
}
