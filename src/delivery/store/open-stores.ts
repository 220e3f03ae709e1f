import { openQueue } from './open-queue.ts';
import { openTables } from './open-tables.ts';
import type { Stores } from './stores.ts';

/** Opens the tables and the queue. Throws what the SDKs throw. */
export async function openStores(env: NodeJS.ProcessEnv): Promise<Stores> {
  const [tables, queue] = await Promise.all([openTables(env), openQueue(env)]);
  return { ...tables, queue };
}
