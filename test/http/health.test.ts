import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CountedStorage, countStorageCalls } from '../../bench/counting-proxy.ts';
import { showHealth } from '../../functions/handlers/health.ts';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { healthDetails, healthDetailsSchema, healthStatus } from '../../src/health.ts';
import { getRelay, relayState } from '../../src/relay.ts';
import { startServer } from '../test-server.ts';

/** The relay of this process, as its environment says. */
let azurite: Azurite;
let storage: CountedStorage;
let directScale: Awaited<ReturnType<typeof startServer>>;
let answer = 200;
const minuteMs = 60_000;

beforeAll(async () => {
  // Time passes only where a test says so, and never back: what was read is kept for a time.
  vi.useFakeTimers({ toFake: ['Date'] });
  azurite = await startAzurite();
  directScale = await startServer((response) => response.writeHead(answer).end());
  storage = await countStorageCalls(azurite.connectionString);
  vi.stubEnv('AzureWebJobsStorage', storage.connectionString);
  vi.stubEnv('RELAY_CONFIG', 'test/http/health.relay.json');
  vi.stubEnv('DIRECTSCALE_BASE_URL', directScale.url.href);
  vi.stubEnv('SECRETS_TTL_MINUTES', '0.0001');
  vi.stubEnv('SECRET_DIRECTSCALE_SUBSCRIPTION_KEY', 'a-key');
  vi.stubEnv('SECRET_SHOPIFY_WEBHOOK_SECRET', 'shpss_0123456789abcdef0123456789abcdef');
});
afterAll(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await directScale?.[Symbol.asyncDispose]();
  await storage?.close();
  await azurite?.close();
});

const details = async () => healthDetailsSchema.strict().parse(await healthDetails(await relayState()));
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
const status = async () => healthStatus(await relayState());

/** Makes the secrets of these settings unreadable for as long as `work` runs. */
async function without(settings: readonly string[], work: () => Promise<void>): Promise<void> {
  const before = settings.map((name) => [name, process.env[name]] as const);
  for (const name of settings) vi.stubEnv(name, '');
  pass(minuteMs);
  await work();
  for (const [name, value] of before) vi.stubEnv(name, value);
  pass(minuteMs);
}

const key = 'SECRET_DIRECTSCALE_SUBSCRIPTION_KEY';
const source = 'SECRET_SHOPIFY_WEBHOOK_SECRET';

test('ready, with the counts of the queue', async () => {
  expect(await status()).toBe('ready');
  expect(await details()).toMatchObject({
    status: 'ready',
    sources: { shopify: 'ready' },
    queue: { waiting: 0, oldestDueSeconds: 0, poison: 0 },
  });
});

test('without a readable key webhooks are taken: degraded; without a source and a key nothing is', async () => {
  await without([key], async () => expect(await status()).toBe('degraded'));
  await without([source], async () => {
    expect(await details()).toMatchObject({ status: 'degraded', sources: { shopify: 'secret-unavailable' } });
  });
  await without([key, source], async () => expect(await status()).toBe('not-ready'));
  expect(await status()).toBe('ready');
});

test('a customer that is paused degrades', async () => {
  const { stores } = await (await getRelay()).delivery();
  await stores.customerPauses.put('10542', new Date(Date.now() + minuteMs));
  expect(await details()).toMatchObject({ status: 'degraded', pausedCustomers: [{ customerId: '10542' }] });
  await stores.customerPauses.remove('10542');
  expect(await status()).toBe('ready');
});

test('an open circuit degrades, a half-open one too, one that nobody probes does not', async () => {
  const { stores } = await (await getRelay()).delivery();
  const now = Date.now();
  const iso = (ms: number) => new Date(ms).toISOString();
  await stores.pauses.reportCircuit({ reason: 'server-error', since: iso(now), until: iso(now + minuteMs) });
  expect(await details()).toMatchObject({ status: 'degraded', circuitBreaker: { state: 'open' } });
  pass(1.5 * minuteMs);
  expect(await details()).toMatchObject({ status: 'degraded', circuitBreaker: { state: 'half-open' } });
  pass(minuteMs);
  const health = await details();
  expect(health.status).toBe('ready');
  expect(health.circuitBreaker).toBeUndefined();
  await stores.pauses.reportCircuit(undefined);
});

test('a refused key shows until a call says something else, or for a quarter of an hour', async () => {
  const client = (await getRelay()).directScale;
  const call = async (status: number) => {
    answer = status;
    await client.patchCustomer('10542', { FirstName: 'Ada' });
    return details();
  };
  const refused = { outcome: 'misconfigured', reason: 'key-rejected' };
  expect(await call(401)).toMatchObject({ status: 'degraded', directScale: refused });
  expect(await call(500)).toMatchObject({ status: 'ready', directScale: { reason: 'server-error' } });
  expect(await call(401)).toMatchObject({ status: 'degraded', directScale: refused });
  pass(16 * minuteMs);
  const later = await details();
  expect(later.directScale).toBeUndefined();
  expect(later.status).toBe('ready');
});

test('whoever asks without a key: storage is asked once in five seconds, however many ask', async () => {
  await showHealth();
  const before = storage.calls.tables;
  const many = await Promise.all(Array.from({ length: 50 }, showHealth));
  expect(many.map(({ status: code }) => code)).toEqual(many.map(() => 200));
  expect(storage.calls.tables).toBe(before);
  pass(5001);
  await Promise.all(Array.from({ length: 50 }, showHealth));
  const once = storage.calls.tables - before;
  expect(once).toBeGreaterThan(0);
  pass(5001);
  await showHealth();
  expect(storage.calls.tables - before).toBe(2 * once);
});

test('storage that cannot be reached: nothing can be taken', async () => {
  await azurite.close();
  expect(await details()).toMatchObject({ status: 'not-ready', storage: 'unavailable' });
});
