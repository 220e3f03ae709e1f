import { type ChangeQueue, storageChangeQueue } from './change-queue.ts';
import { type CustomerStates, tableCustomerStates } from './customer-states.ts';
import { type Links, tableLinks } from './links.ts';
import { type PauseReports, tablePauseReports } from './pause-reports.ts';
import { type Records, tableRecords } from './records.ts';
import { type SeenDeliveries, tableSeenDeliveries } from './seen-deliveries.ts';
import { openStorage } from './storage.ts';

/** Everything durable, each part behind its own contract. */
export interface Stores {
  readonly records: Records;
  readonly states: CustomerStates;
  readonly seen: SeenDeliveries;
  readonly links: Links;
  readonly queue: ChangeQueue;
  readonly pauses: PauseReports;
}

/**
 * Opens the storage account and everything in it. Throws what the SDK throws. Import this file at first use only:
 * it brings the storage SDK along, which is to stay out of the cold start.
 */
export async function openStores(env: NodeJS.ProcessEnv): Promise<Stores> {
  const storage = await openStorage(env);
  return {
    records: tableRecords(storage.deliveries),
    states: tableCustomerStates(storage.customers),
    seen: tableSeenDeliveries(storage.seen),
    links: tableLinks(storage.links),
    queue: storageChangeQueue(storage.queue, storage.poison),
    pauses: tablePauseReports(storage.customers),
  };
}
