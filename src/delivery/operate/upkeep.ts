import type { AttemptContext } from '../attempt/attempt.ts';
import type { Stores } from '../store/stores.ts';

/** A change that is due for this long has lost its message. */
const overdueMs = 3_600_000;
/** How far back lost messages are looked for. */
const lookBackMs = 14 * 24 * 3_600_000;
const pageSize = 500;

/**
 * Puts changes into the queue again whose message was lost: by a crash between the record and the queue, or because
 * somebody emptied the queue. Returns how many. Doing it once too often does no harm.
 */
export async function resumeOverdue({ stores, now }: AttemptContext): Promise<number> {
  const overdue = now().getTime() - overdueMs;
  const since = new Date(now().getTime() - lookBackMs);
  let resumed = 0;
  let from: string | undefined;
  do {
    const page = await stores.records.list({ status: 'pending', since }, pageSize, from);
    for (const { deliveryId, index, nextAttemptAt, receivedAt } of page.records) {
      if (Date.parse(nextAttemptAt ?? receivedAt) > overdue) continue;
      const stored = await stores.records.read({ deliveryId, index });
      if (stored?.record.status !== 'pending') continue;
      // A new turn makes the old message a leftover, should it turn up after all.
      const turn = stored.record.turn + 1;
      await stores.queue.send({ deliveryId, index, turn });
      await stores.records.update(
        { ...stored.record, turn, nextAttemptAt: now().toISOString() },
        stored.etag,
      );
      resumed++;
    }
    from = page.next;
  } while (from);
  return resumed;
}

/** Deletes what is older than the retention time. Returns how many rows. Changes that are pending stay. */
export async function deleteExpired(retentionDays: number, { stores, now }: AttemptContext): Promise<number> {
  const day = new Date(now().getTime() - retentionDays * 24 * 3_600_000);
  const pending = await pendingBefore(day, stores);
  const removed = await Promise.all([
    stores.records.removeBefore(day),
    stores.seen.removeBefore(day),
    stores.states.removeDeliveriesBefore(day, pending),
  ]);
  return removed.reduce((sum, rows) => sum + rows, 0);
}

/** Deliveries that stay, and must stay in the index: what is not in it cannot be forgotten. */
async function pendingBefore(day: Date, { records }: Stores): Promise<Set<string>> {
  const ids = new Set<string>();
  let from: string | undefined;
  do {
    const page = await records.list({ status: 'pending', until: day }, pageSize, from);
    for (const { deliveryId } of page.records) ids.add(deliveryId);
    from = page.next;
  } while (from);
  return ids;
}

/** Deletes everything that is kept of one customer (privacy law). Returns how many records. */
export async function forgetCustomer(customerId: string, { stores }: AttemptContext): Promise<number> {
  let removed = 0;
  for (const deliveryId of await stores.states.deliveriesOf(customerId)) {
    removed += await stores.records.removeCustomer(deliveryId, customerId);
  }
  await stores.states.remove(customerId);
  await stores.pauses.removeCustomer(customerId);
  await stores.links.removeOf(customerId);
  return removed;
}
