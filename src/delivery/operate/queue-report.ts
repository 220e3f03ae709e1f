import { receivedAtOf } from '../record/delivery-id.ts';
import type { Message } from '../record/message.ts';
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
  const dueTimes = (await Promise.all(due.map((message) => dueTimeOf(message, stores)))).flat();
  const oldest = Math.min(now.getTime(), ...dueTimes);
  return { waiting, oldestDueSeconds: Math.round((now.getTime() - oldest) / 1000), poison };
}

/** Since when a message has been due, in ms since 1970; none for a leftover. */
async function dueTimeOf(message: Message, { records }: Stores): Promise<number[]> {
  if ('deliveries' in message) return message.deliveries.map(({ id }) => receivedAtOf(id).getTime());
  const stored = await records.read(message);
  if (stored?.record.status !== 'pending') return [];
  return [Date.parse(stored.record.nextAttemptAt ?? stored.record.receivedAt)];
}
