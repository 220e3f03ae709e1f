import type { Stores } from '../store/stores.ts';

/** How the queue stands. */
export interface QueueReport {
  /** Messages, those of the future included. */
  readonly waiting: number;
  /** How long the oldest change that is due has been waiting for its attempt, in seconds; 0: none is. */
  readonly oldestDueSeconds: number;
  /** Messages that the host gave up and nobody has parked yet. */
  readonly poison: number;
}

/** Looks at the queue and at the records of what is due in it. Throws what storage throws. */
export async function reportQueue(stores: Stores, now: Date): Promise<QueueReport> {
  const { waiting, poison, due } = await stores.queue.look();
  const records = await Promise.all(due.map((message) => stores.records.read(message)));
  const dueTimes = records.flatMap((stored) => {
    // Of anything else the message is a leftover.
    if (stored?.record.status !== 'pending') return [];
    return [Date.parse(stored.record.nextAttemptAt ?? stored.record.receivedAt)];
  });
  const oldest = Math.min(now.getTime(), ...dueTimes);
  return { waiting, oldestDueSeconds: Math.round((now.getTime() - oldest) / 1000), poison };
}
