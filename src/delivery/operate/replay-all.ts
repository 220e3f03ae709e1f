import pLimit from 'p-limit';
import type { Source } from '../../config/source.ts';
import type { Stores } from '../store/stores.ts';
import { type ChangeFilter, findChanges } from './find-changes.ts';
import { replay } from './replay.ts';

export interface ReplayedAll {
  /** Deliveries that are in the queue again. */
  readonly replayed: number;
  /** Deliveries that today's mapping cannot turn into changes either, or of which nothing is kept. */
  readonly notReplayed: number;
  /** There is more: ask again with this as `from`. */
  readonly next?: string;
}

const pageSize = 100;
const replaysAtATime = 8;
/** Well below the time after which Azure gives up an HTTP call (230 s). */
const longestMs = 60_000;

/** Replays every delivery that has a change that matches, as far as it goes in a minute. Throws what storage throws. */
export async function replayAll(
  filter: ChangeFilter,
  from: string | undefined,
  sources: ReadonlyMap<string, Source>,
  stores: Stores,
): Promise<ReplayedAll> {
  // What is replayed now is not to be found again by the same call.
  const bounded = { ...filter, until: filter.until ?? new Date() };
  const started = Date.now();
  const limit = pLimit(replaysAtATime);
  const done = new Set<string>();
  let replayed = 0;
  let next = from;
  do {
    const page = await findChanges(bounded, pageSize, next, stores);
    const found = new Set(page.records.map(({ deliveryId }) => deliveryId));
    const ids = [...found].filter((id) => !done.has(id));
    const results = await Promise.all(ids.map((id) => limit(() => replay(id, sources, stores, new Date()))));
    replayed += results.filter(({ type }) => type === 'replayed').length;
    for (const id of ids) done.add(id);
    next = page.next;
  } while (next && Date.now() < started + longestMs);
  return { replayed, notReplayed: done.size - replayed, ...(next && { next }) };
}
