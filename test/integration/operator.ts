import { setTimeout as delay } from 'node:timers/promises';

/** The key that the hosts of the integration tests demand. */
export const functionKey = 'a-function-key-for-tests';

/** A line of GET /api/deliveries, as far as tests look at it. */
export interface ListedChange {
  readonly deliveryId: string;
  readonly customerId?: string;
  readonly status: string;
  readonly reason?: string;
  readonly fields: readonly string[];
  readonly dropped: readonly string[];
  readonly leftOut?: readonly { readonly path: string }[];
}

/** Calls the relay with the function key. */
export function call(relayUrl: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${relayUrl}/api/${path}`, {
    ...init,
    headers: { 'x-functions-key': functionKey, ...init.headers },
  });
}

/** Every change that matches the query of GET /api/deliveries, page by page. */
export async function changesOf(
  relayUrl: string,
  query: Readonly<Record<string, string>> = {},
): Promise<ListedChange[]> {
  const changes: ListedChange[] = [];
  let from: string | undefined;
  do {
    const search = new URLSearchParams({ limit: '500', ...query, ...(from && { from }) });
    const response = await call(relayUrl, `deliveries?${search}`);
    if (!response.ok) throw new Error(`no list: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as { changes: ListedChange[]; next?: string };
    changes.push(...page.changes);
    from = page.next;
  } while (from);
  return changes;
}

/** Looks until something holds. Throws when it does not in time. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 25_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  // What takes long is asked for less often: most of what holds here asks storage for a list.
  for (let pauseMs = 50; !(await holds()); pauseMs = Math.min(pauseMs * 1.5, 500)) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(pauseMs);
  }
}

/** Waits until nothing is in the queue, where deliveries lie that nobody has read yet, and no change is pending. */
export function untilNothingIsPending(relayUrl: string, withinMs?: number): Promise<void> {
  const nothing = async () => {
    const details = await call(relayUrl, 'health/details');
    const { queue } = (await details.json()) as { queue?: { waiting: number; poison: number } };
    // What was in the queue is recorded before it leaves it.
    const isEmpty = queue?.waiting === 0 && queue.poison === 0;
    return isEmpty && (await changesOf(relayUrl, { status: 'pending' })).length === 0;
  };
  return until(nothing, 'nothing is pending', withinMs);
}
