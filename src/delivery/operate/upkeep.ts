import { causesOf, issueIdOf } from '../record/cause.ts';
import type { RecordFilter, RecordReference } from '../record/record-filter.ts';
import type { Stores } from '../store/stores.ts';

/** What became of the changes that had lost their message. */
export interface Resumed {
  readonly resumed: number;
  /** The deliveries of those that could not be resumed. */
  readonly failed: readonly string[];
}

/** A change that is due for this long has lost its message. */
const overdueMs = 3_600_000;
const pageSize = 500;
/** What operators did is asked for long after the deliveries are gone. */
const actsKeptMs = 365 * 24 * 3_600_000;

/**
 * Puts recorded changes into the queue again whose message was lost: by a crash between the record and the queue, or
 * because somebody emptied the queue. Doing it once too often does no harm. One that cannot be resumed holds up no other.
 * Throws what storage throws for the list of them.
 */
export async function resumeOverdue(stores: Stores, now: Date): Promise<Resumed> {
  const overdue = now.getTime() - overdueMs;
  let resumed = 0;
  const failed: string[] = [];
  for await (const record of changes({ status: 'pending' }, stores)) {
    if (Date.parse(record.nextAttemptAt ?? record.receivedAt) > overdue) continue;
    try {
      if (await resume(record, stores, now)) resumed++;
    } catch {
      failed.push(record.deliveryId);
    }
  }
  return { resumed, failed };
}

/** Returns false if it does not wait any more. */
async function resume(
  { deliveryId, index }: RecordReference,
  { records, queue }: Stores,
  now: Date,
): Promise<boolean> {
  const stored = await records.read({ deliveryId, index });
  if (stored?.record.status !== 'pending') return false;
  // A new turn makes the old message a leftover, should it turn up after all.
  const turn = stored.record.turn + 1;
  await queue.send({ deliveryId, index, turn });
  const record = { ...stored.record, turn, nextAttemptAt: now.toISOString() };
  await records.update({ record }, stored);
  return true;
}

/** Deletes what is older than the retention time. Returns how many rows. Changes that are pending stay. */
export async function deleteExpired(retentionDays: number, stores: Stores, now: Date): Promise<number> {
  const day = new Date(now.getTime() - retentionDays * 24 * 3_600_000);
  // What stays must stay in the index of its customer: what is not in it cannot be forgotten.
  const pending = new Set<string>();
  for await (const { deliveryId } of changes({ status: 'pending', until: day }, stores))
    pending.add(deliveryId);
  const removed = await Promise.all([
    stores.records.removeBefore(day),
    stores.seen.removeBefore(day),
    stores.states.removeDeliveriesBefore(day, pending),
    stores.states.removeForgottenBefore(day),
    stores.links.removeForgottenBefore(day),
    stores.summedHours.removeBefore(day),
    stores.acts.removeBefore(new Date(now.getTime() - actsKeptMs)),
  ]);
  const unmuted = await removeMuted(day, stores);
  return removed.reduce((sum, rows) => sum + rows, 0) + unmuted;
}

/** Forgets that issues were muted before a day of which no change is left. Returns how many. */
async function removeMuted(day: Date, stores: Stores): Promise<number> {
  const muted = await stores.mutedIssues.mutedBefore(day);
  if (muted.length === 0) return 0;
  const left = new Set<string>();
  for await (const record of changes({ status: 'parked' }, stores))
    for (const cause of causesOf(record, 'parked')) left.add(issueIdOf(cause));
  for await (const record of changes({ isLeftOut: true }, stores))
    for (const cause of causesOf(record, 'left-out')) left.add(issueIdOf(cause));
  const ended = muted.filter((id) => !left.has(id));
  for (const id of ended) await stores.mutedIssues.remove(id);
  return ended.length;
}

/** All records that match, newest first, read a page at a time. */
async function* changes(filter: RecordFilter, { records }: Stores) {
  let from: string | undefined;
  do {
    const page = await records.list(filter, pageSize, from);
    yield* page.records;
    from = page.next;
  } while (from);
}
