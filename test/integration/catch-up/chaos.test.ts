import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../../local/function-host.ts';
import { runScript } from '../../scripts/run-script.ts';
import { type ShopifyCustomer, shopifyCustomer } from '../../vendors/shopify.ts';
import { call, changesOf, functionKey, until, untilNothingIsPending } from '../operator.ts';
import { newCustomer, quickRetries, shopifyHeaders } from '../relay-under-test.ts';
import { type RelayWithShops, startRelayWithShops } from './relay-with-shops.ts';

const env = { CUSTOMER_WRITES_PER_MINUTE: '10000' };
const people = 40;
const changes = 320;
const lost = 0.3;

let relay: RelayWithShops;
let second: FunctionHost;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  relay = await startRelayWithShops({ every: '5 min' }, env);
  second = await startFunctionHost({ functionKey, env: { ...relay.env, ...quickRetries, ...env } });
});
afterAll(async () => {
  await second?.stop();
  await relay?.stop();
  await rm(folder, { recursive: true });
});

/** A webhook of the shop: the whole customer, as she was then. */
interface Webhook {
  readonly customerId: string;
  readonly body: string;
}

/** What happened in an hour that is over: every webhook, oldest first, and the customers as they are in the end. */
function anHour(ids: readonly string[]): { webhooks: Webhook[]; customers: Map<string, ShopifyCustomer> } {
  const begin = Math.floor(Date.now() / 1000) - 70 * 60;
  const customers = new Map<string, ShopifyCustomer>();
  const webhooks = Array.from({ length: changes }, (_, number): Webhook => {
    const index = Math.floor(Math.random() * ids.length);
    const customerId = ids[index] ?? '';
    const id = String(index + 1);
    const changed = Math.random() < 0.5 ? { firstName: `F${number}` } : { lastName: `L${number}` };
    const updatedAt = `${new Date((begin + Math.floor((number * 3600) / changes)) * 1000).toISOString().slice(0, 19)}Z`;
    const before = customers.get(id) ?? shopifyCustomer(id, { metafields: { customer_id: customerId } });
    const customer = { ...before, ...changed, updatedAt };
    customers.set(id, customer);
    const { firstName, lastName } = customer as unknown as Record<string, string>;
    const body = { id: index + 1, first_name: firstName, last_name: lastName, updated_at: updatedAt };
    return { customerId, body: JSON.stringify({ ...body, tags: `directscale:${customerId}` }) };
  });
  return { webhooks, customers };
}

const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

async function post({ body }: Webhook, host: FunctionHost): Promise<void> {
  const headers = {
    ...shopifyHeaders(body),
    'X-Shopify-Shop-Domain': 'example.myshopify.com',
    // Equal for each repeat.
    'X-Shopify-Webhook-Id': Buffer.from(body).toString('base64url').slice(-40),
  };
  for (let attempt = 1; ; attempt++) {
    const { status } = await fetch(`${host.url}/api/webhooks/shopify`, { method: 'POST', body, headers });
    if (status === 200 || status === 202) return;
    // Vendors send again what was not taken.
    expect([attempt < 10, status]).toEqual([true, expect.any(Number)]);
    expect(status).toBeGreaterThanOrEqual(500);
    await delay(200);
  }
}

const runTimer = ({ url }: FunctionHost) =>
  fetch(`${url}/admin/functions/catchUp`, {
    method: 'POST',
    headers: { 'x-functions-key': functionKey },
    body: '{}',
  });

const reconcile = (...args: string[]) =>
  runScript('reconcile', ['shopify', ...args], { RELAY_URL: relay.host.url, RELAY_KEY: functionKey });

test('webhooks of an hour lost, shuffled and repeated, with catch-up running: both sides agree', async () => {
  const ids = Array.from({ length: people }, () => newCustomer(relay));
  const { webhooks, customers } = anHour(ids);
  for (const [id, customer] of customers) relay.shopify.customers.set(id, customer);
  const sent = webhooks.filter(() => Math.random() >= lost);
  const posts = shuffled(
    sent.flatMap((webhook) => Array<Webhook>(1 + Math.floor(Math.random() * 3)).fill(webhook)),
  );
  const half = Math.floor(posts.length / 2);
  const hosts = [relay.host, second];
  const postAll = async (some: readonly Webhook[]) => {
    for (let start = 0; start < some.length; start += 16)
      await Promise.all(some.slice(start, start + 16).map((one, n) => post(one, hosts[n % 2] ?? relay.host)));
  };
  // The timers of both instances, while webhooks arrive.
  await Promise.all([postAll(posts.slice(0, half)), runTimer(relay.host), runTimer(second)]);
  await postAll(posts.slice(half));
  const ended = async () => {
    const answer = await call(relay.host.url, 'catch-up/shopify');
    const { walks } = (await answer.json()) as { walks: Record<string, { endedAt?: string }> };
    return walks['catch-up']?.endedAt !== undefined;
  };
  await until(ended, 'the catch-up ends', 60_000);
  await untilNothingIsPending(relay.host.url, 150_000);

  for (const [id, { firstName, lastName }] of customers) {
    const customer = relay.sandbox.customers.get(ids[Number(id) - 1] ?? '');
    expect(customer).toMatchObject({ FirstName: firstName, LastName: lastName });
  }
  const found = await changesOf(relay.host.url, { foundBy: 'catch-up' });
  expect(
    found.every(({ status }) => status === 'applied' || status === 'stale' || status === 'unchanged'),
  ).toBe(true);
  expect(found.length).toBeGreaterThan(0);
  // Nobody is found twice.
  expect(new Set(found.map(({ customerId }) => customerId)).size).toBe(found.length);
  const agreed = await reconcile('--json');
  expect(JSON.parse(agreed.out)).toMatchObject({
    read: customers.size,
    outcomes: { agrees: customers.size },
  });
  expect(agreed.code).toBe(0);
}, 300_000);

test('a field that is changed inside DirectScale is told as drift, and is overwritten by --repair alone', async () => {
  await untilNothingIsPending(relay.host.url, 150_000);
  relay.shopify.customers.clear();
  const ids = [newCustomer(relay), newCustomer(relay)];
  for (const [index, customerId] of ids.entries()) {
    const shopper = shopifyCustomer(String(900 + index), { metafields: { customer_id: customerId } });
    relay.shopify.customers.set(String(900 + index), shopper);
  }
  const catchUp = () =>
    runScript('catch-up', ['shopify', '--all', '--restart'], {
      RELAY_URL: relay.host.url,
      RELAY_KEY: functionKey,
    });
  expect((await catchUp()).code).toBe(0);
  const [id = ''] = ids;
  const customer = relay.sandbox.customers.get(id);
  if (!customer) throw new Error('the sandbox does not have the customer');
  const { LastName } = customer;
  customer.LastName = 'By hand';
  const csv = join(folder, 'differs.csv');
  const told = await reconcile('--csv', csv);
  expect(told).toMatchObject({ code: 1 });
  expect(told.out).toMatch(/LastName +differs: changed inside DirectScale +1/);
  const [, line = '', ...more] = (await readFile(csv, 'utf8')).trim().split('\n');
  expect(line).toContain(`differs,${id},`);
  expect(line).toContain('LastName drifted');
  expect(more).toEqual([]);

  expect((await catchUp()).code).toBe(0);
  expect(relay.sandbox.customers.get(id)?.LastName).toBe('By hand');
  expect((await reconcile('--repair')).out).toMatch(/1 +applied/);
  expect(relay.sandbox.customers.get(id)?.LastName).toBe(LastName);
  expect((await reconcile()).code).toBe(0);
}, 300_000);
