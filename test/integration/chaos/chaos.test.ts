import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../../local/function-host.ts';
import { type Surroundings, startSurroundings } from '../../../local/stack.ts';
import { call, changesOf, functionKey, untilNothingIsPending } from '../operator.ts';
import { newestValues, type Overwrite, olderOverNewer } from './history.ts';
import { type MadeUpChange, madeUpChanges } from './made-up-changes.ts';

const customerIds = Array.from({ length: 60 }, (_, i) => String(20_000 + i));
const senders = 24;
/** A call that was given up after 1 s takes effect 1.5 s after it began. */
const [timeoutMs, slowCallMs, settleMs] = [1000, 1500, 1500];
/** Longer than a lease: two calls, their settling, and 5 s. */
const freezeMs = 2 * timeoutMs + settleMs + 5000 + 1500;

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

test('1,200 changes, shuffled and repeated, through faults, kills and freezes, end as if each had come once and in order', async () => {
  const changes = madeUpChanges(1200, customerIds);
  const { sandbox } = surroundings;
  // One call in five: answered 500 (half of these after it took effect), throttled, cut off, or too slow.
  const patches = { method: 'PATCH' };
  sandbox.fault({ match: patches, probability: 0.03, status: 500 });
  sandbox.fault({ match: patches, probability: 0.03, status: 500, applyAnyway: true });
  sandbox.fault({ match: patches, probability: 0.03, status: 429, headers: { 'Retry-After': '1' } });
  sandbox.fault({ match: patches, probability: 0.03, reset: true });
  sandbox.fault({ match: patches, probability: 0.03, reset: true, applyAnyway: true });
  sandbox.fault({ match: patches, probability: 0.05, delayMs: slowCallMs });

  const locations: string[] = [];
  const posts = shuffled(
    changes.flatMap((change) => Array<MadeUpChange>(1 + Math.floor(Math.random() * 3)).fill(change)),
  );
  const total = posts.length;
  const progress = () => 1 - posts.length / total;
  const thawedAt: number[] = [];
  let sentUpTo = 0;
  const troubles = async () => {
    for (const [turn, trouble] of [kill, freeze, kill, freeze].entries()) {
      const begin = (turn + 1) / 5;
      // The trouble has its share of the requests, however fast the machine.
      sentUpTo = begin + 1 / 5;
      while (progress() < begin) await delay(20);
      const thawed = await trouble(Math.floor(turn / 2));
      if (thawed) thawedAt.push(thawed);
    }
    sentUpTo = 1;
  };
  const send = () => sendAll(posts, locations, () => progress() < sentUpTo);
  await Promise.all([troubles(), ...Array.from({ length: senders }, send)]);
  const relay = hosts[0]?.url ?? '';
  await untilNothingIsPending(relay, 120_000);

  // No change is missing: every field of every customer holds its newest value.
  for (const id of customerIds) expect(sandbox.customers.get(id)).toMatchObject(newestValues(changes, id));
  // A call that stood still in its socket goes out at once, whoever wrote since; that is found out and put right.
  const settlesMs = timeoutMs + settleMs;
  const stoodStill = ({ at }: Overwrite) =>
    thawedAt.some((thawed) => at >= thawed && at < thawed + settlesMs);
  expect(olderOverNewer(sandbox.history).filter((overwrite) => !stoodStill(overwrite))).toEqual([]);
  // Each delivery has one record, however often it came, and none is parked.
  const records = await changesOf(relay);
  expect(records).toHaveLength(changes.length);
  const ids = new Set(records.map(({ deliveryId }) => deliveryId));
  expect(ids.size).toBe(changes.length);
  const unexpected = records.filter(({ status }) => !['applied', 'unchanged', 'stale'].includes(status));
  expect(unexpected).toEqual([]);
  // Whatever was accepted has an outcome, a repeat that of the first one.
  expect(locations).toHaveLength(total);
  for (const location of shuffled(locations).slice(0, 100)) {
    const response = await call(relay, `deliveries/${location}`);
    expect(response.status).toBe(200);
    const { deliveryId } = (await response.json()) as { deliveryId: string };
    expect(ids).toContain(deliveryId);
  }
}, 300_000);

function startHost(): Promise<FunctionHost> {
  return startFunctionHost({
    functionKey,
    // What a killed host held comes back after this long.
    queueLockMs: 3000,
    env: {
      ...surroundings.env,
      DIRECTSCALE_TIMEOUT_MS: String(timeoutMs),
      // Hundreds of changes to one customer within a minute are meant here.
      CUSTOMER_WRITES_PER_MINUTE: '10000',
      DIRECTSCALE_SETTLE_MS: String(settleMs),
      RETRY_SCHEDULE: '500 ms, 1 s, 1 s, 2 s, 2 s, 2 s, 3 s, 3 s, 3 s, 4 s, 4 s, 4 s, 5 s, 5 s, 5 s',
    },
  });
}

/** Posts until nothing is left; sends again what was not accepted in time, as vendors do. */
async function sendAll(posts: MadeUpChange[], locations: string[], mayGoOn: () => boolean): Promise<void> {
  while (posts.length > 0) {
    const post = mayGoOn() ? posts.pop() : undefined;
    if (!post) {
      await delay(20);
      continue;
    }
    let location: string | undefined;
    while (location === undefined) {
      const host = hosts[Math.floor(Math.random() * hosts.length)];
      const response = await fetch(`${host?.url}${post.path}`, {
        method: 'POST',
        headers: post.headers,
        body: post.body,
        signal: AbortSignal.timeout(3000),
      }).catch(() => undefined);
      if (response && response.status < 500) expect(response.status).toBe(202);
      if (response?.status === 202) location = response.headers.get('location')?.split('/').at(-1) ?? '';
      else await delay(100);
      await response?.body?.cancel();
    }
    locations.push(location);
  }
}

/** Kills a host and starts another in its place. */
async function kill(index: number): Promise<undefined> {
  hosts[index]?.process.kill('SIGKILL');
  hosts[index] = await startHost();
}

/** Lets a host stand still for longer than a lease; when it went on, in ms since 1970. */
async function freeze(index: number): Promise<number> {
  const host = hosts[index];
  host?.process.kill('SIGSTOP');
  await delay(freezeMs);
  const thawedAt = Date.now();
  host?.process.kill('SIGCONT');
  return thawedAt;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
