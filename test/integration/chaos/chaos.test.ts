import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../../local/function-host.ts';
import { type Surroundings, startSurroundings } from '../../../local/stack.ts';
import { changesOf, functionKey, untilNothingIsPending } from '../operator.ts';
import { newestValues, olderOverNewer } from './history.ts';
import { type MadeUpChange, madeUpChanges } from './made-up-changes.ts';

const customerIds = Array.from({ length: 100 }, (_, i) => String(20_000 + i));
const senders = 24;

let surroundings: Surroundings;
let hosts: FunctionHost[] = [];

beforeAll(async () => {
  surroundings = await startSurroundings({ relayConfig: 'test/integration/chaos/relay.json' });
  const model = surroundings.sandbox.customers.get('10542');
  if (!model) throw new Error('the sandbox has no customer 10542');
  for (const id of customerIds) surroundings.sandbox.customers.set(id, { ...model, CustomerId: Number(id) });
  hosts = await Promise.all([startHost(), startHost()]);
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await surroundings?.stop();
});

test('2,000 changes, shuffled and repeated, through faults and kills, end as if each had come once and in order', async () => {
  const changes = madeUpChanges(2000, customerIds);
  const { sandbox } = surroundings;
  // One call in five: answered 500 (half of these after it took effect), throttled, cut off, or too slow.
  const patches = { method: 'PATCH' };
  sandbox.fault({ match: patches, probability: 0.03, status: 500 });
  sandbox.fault({ match: patches, probability: 0.03, status: 500, applyAnyway: true });
  sandbox.fault({ match: patches, probability: 0.03, status: 429, headers: { 'Retry-After': '1' } });
  sandbox.fault({ match: patches, probability: 0.03, reset: true });
  sandbox.fault({ match: patches, probability: 0.03, reset: true, applyAnyway: true });
  sandbox.fault({ match: patches, probability: 0.05, delayMs: 1500 });

  const accepted = new Set<string>();
  const posts = shuffled(
    changes.flatMap((change) => Array<MadeUpChange>(1 + Math.floor(Math.random() * 3)).fill(change)),
  );
  const total = posts.length;
  const killing = killThrice(() => 1 - posts.length / total);
  await Promise.all(Array.from({ length: senders }, () => sendAll(posts, accepted)));
  await killing;

  expect(accepted.size).toBe(changes.length);
  const relay = hosts[0]?.url ?? '';
  await untilNothingIsPending(relay, 150_000);

  // No change is missing: every field of every customer holds its newest value.
  for (const id of customerIds) expect(sandbox.customers.get(id)).toMatchObject(newestValues(changes, id));
  expect(olderOverNewer(sandbox.history)).toEqual([]);
  // Each delivery has one record, however often it came, and none is parked.
  const records = await changesOf(relay);
  expect(records).toHaveLength(changes.length);
  expect(new Set(records.map(({ deliveryId }) => deliveryId)).size).toBe(changes.length);
  const unexpected = records.filter(({ status }) => !['applied', 'unchanged', 'stale'].includes(status));
  expect(unexpected).toEqual([]);
}, 240_000);

function startHost(): Promise<FunctionHost> {
  return startFunctionHost({
    functionKey,
    // What a killed host held comes back after this long.
    queueLockMs: 3000,
    env: {
      ...surroundings.env,
      DIRECTSCALE_TIMEOUT_MS: '1000',
      // Hundreds of changes to one customer within a minute are meant here.
      CUSTOMER_WRITES_PER_MINUTE: '10000',
      // A call that was given up after 1 s takes effect 1.5 s after it began.
      DIRECTSCALE_SETTLE_MS: '1500',
      RETRY_SCHEDULE: '500 ms, 1 s, 1 s, 2 s, 2 s, 2 s, 3 s, 3 s, 3 s, 4 s, 4 s, 4 s, 5 s, 5 s, 5 s',
    },
  });
}

/** Posts until nothing is left; sends again what was not accepted, as vendors do. */
async function sendAll(posts: MadeUpChange[], accepted: Set<string>): Promise<void> {
  for (let post = posts.pop(); post; post = posts.pop()) {
    let location: string | undefined;
    while (location === undefined) {
      const host = hosts[Math.floor(Math.random() * hosts.length)];
      const response = await fetch(`${host?.url}${post.path}`, {
        method: 'POST',
        headers: post.headers,
        body: post.body,
      }).catch(() => undefined);
      if (response && response.status < 500) expect(response.status).toBe(202);
      if (response?.status === 202) location = response.headers.get('location')?.split('/').at(-1) ?? '';
      else await delay(100);
      await response?.body?.cancel();
    }
    accepted.add(location);
  }
}

/** Kills a host when a quarter, half and three quarters of the requests are sent, and starts another in its place. */
async function killThrice(progress: () => number): Promise<void> {
  for (const [victim, share] of [0.25, 0.5, 0.75].entries()) {
    while (progress() < share) await delay(20);
    const index = victim % hosts.length;
    hosts[index]?.process.kill('SIGKILL');
    hosts[index] = await startHost();
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
