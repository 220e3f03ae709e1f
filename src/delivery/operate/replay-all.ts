import pLimit from 'p-limit';
import type { Source } from '../../config/source.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { Stores } from '../store/stores.ts';
import { type ChangeFilter, findChanges } from './find-changes.ts';
import { replay } from './replay.ts';

export interface ReplayedAll {
  /** Nothing was replayed: the numbers say what would be. */
  readonly isDryRun: boolean;
  /** Deliveries that are in the queue again; of a dry run those that were found. */
  readonly replayed: number;
  /** Deliveries that today's mapping cannot turn into changes either, or of which nothing is kept. */
  readonly notReplayed: number;
  /** The changes that were found, and their customers as far as they are known. */
  readonly changes: number;
  readonly customers: number;
  /** There is more: ask again with this as `from`. */
  readonly next?: string;
}

export interface ReplayOptions {
  /** Where to begin: the `next` of the call before. */
  readonly from?: string | undefined;
  readonly isDryRun?: boolean | undefined;
  /** Chooses among what the filter finds. */
  readonly isWanted?: ((record: DeliveryRecord) => boolean) | undefined;
}

const pageSize = 100;
/** Nothing is to be done for each of them. */
const dryPageSize = 1000;
const replaysAtATime = 8;
/** Well below the time after which Azure gives up an HTTP call (230 s). */
const longestMs = 60_000;

/** Replays every delivery that has a change that matches, as far as it goes in a minute. Throws what storage throws. */
export async function replayAll(
  filter: ChangeFilter,
  { from, isDryRun = false, isWanted = () => true }: ReplayOptions,
  sources: ReadonlyMap<string, Source>,
  stores: Stores,
): Promise<ReplayedAll> {
  // What is replayed now is not to be found again by the same call.
  const bounded = { ...filter, until: filter.until ?? new Date() };
  const started = Date.now();
  const limit = pLimit(replaysAtATime);
  const done = new Set<string>();
  const customers = new Set<string>();
  let changes = 0;
  let replayed = 0;
  let next = from;
  do {
    const page = await findChanges(bounded, isDryRun ? dryPageSize : pageSize, next, stores);
    const wanted = page.records.filter(isWanted);
    changes += wanted.length;
    for (const { customerId } of wanted) if (customerId !== undefined) customers.add(customerId);
    const found = new Set(wanted.map(({ deliveryId }) => deliveryId));
    const ids = [...found].filter((id) => !done.has(id));
    for (const id of ids) done.add(id);
    if (isDryRun) replayed += ids.length;
    else {
      const results = await Promise.all(
        ids.map((id) => limit(() => replay(id, sources, stores, new Date()))),
      );
      replayed += results.filter(({ type }) => type === 'replayed').length;
    }
    next = page.next;
  } while (next && Date.now() < started + longestMs);
  return {
    isDryRun,
    replayed,
    notReplayed: done.size - replayed,
    changes,
    customers: customers.size,
    ...(next && { next }),
  };
}
