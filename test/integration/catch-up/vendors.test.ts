import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { runScript } from '../../scripts/run-script.ts';
import { shopifyCustomer } from '../../vendors/shopify.ts';
import { wooCustomer } from '../../vendors/woocommerce.ts';
import { call, changesOf, until, untilNothingIsPending } from '../operator.ts';
import { functionKey, newCustomer, patchesOf, shopifyHeaders } from '../relay-under-test.ts';
import { type RelayWithShops, startRelayWithShops } from './relay-with-shops.ts';

// Commands and whole walks, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let relay: RelayWithShops;

beforeAll(async () => {
  // By hand only: what a test expects must not depend on the time of day.
  relay = await startRelayWithShops(undefined, { 'AzureWebJobs.catchUp.Disabled': 'true' });
});
afterAll(() => relay?.stop());
beforeEach(() => {
  relay.shopify.customers.clear();
  relay.woo.customers.clear();
  relay.shopify.faults.length = 0;
});

interface Step {
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly failure?: string;
  readonly pages: number;
  readonly waits?: { readonly reason: string; readonly until: string };
  readonly report: { readonly read: number; readonly outcomes: Readonly<Record<string, number>> };
  readonly stepFindings: readonly { readonly outcome: string; readonly customerId?: string }[];
}

async function walk(source: string, order: object): Promise<Step> {
  const response = await call(relay.host.url, `catch-up/${source}`, {
    method: 'POST',
    body: JSON.stringify(order),
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as Step;
}

const minutesAgo = (minutes: number): string =>
  new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');

/** A customer of the shop who is a customer of DirectScale. */
function shopper(id: string, customerId: string, changes: object = {}): void {
  relay.shopify.customers.set(
    id,
    shopifyCustomer(id, { metafields: { customer_id: customerId }, ...changes }),
  );
}

const walksOf = async (source: string) =>
  (await (await call(relay.host.url, `catch-up/${source}`)).json()) as {
    walks: Readonly<Record<string, Step>>;
  };

/** Runs the timer, as its schedule does. */
async function runTimer(name: string): Promise<void> {
  const response = await call(relay.host.url, `../admin/functions/${name}`, {
    method: 'POST',
    body: '{}',
  });
  expect(response.status).toBe(202);
}

test('all customers, page by page; a second walk makes no call to write', async () => {
  const ids = Array.from({ length: 12 }, () => newCustomer(relay));
  for (const [index, id] of ids.entries()) shopper(String(index + 1), id, { firstName: `Ida ${index}` });
  shopper('99', '99999999');
  const first = await walk('shopify', {});
  expect(first).toMatchObject({
    pages: 3,
    report: { read: 13, outcomes: { applied: 12, 'not-found': 1 } },
    endedAt: expect.any(String),
  });
  for (const [index, id] of ids.entries())
    expect(relay.sandbox.customers.get(id)?.FirstName).toBe(`Ida ${index}`);
  const writes = relay.sandbox.history.filter(({ method }) => method === 'PATCH').length;
  expect(await walk('shopify', {})).toMatchObject({
    report: { outcomes: { unchanged: 12, 'not-found': 1 } },
  });
  expect(relay.sandbox.history.filter(({ method }) => method === 'PATCH')).toHaveLength(writes);
  expect(await changesOf(relay.host.url, { foundBy: 'backfill' })).toHaveLength(12);
});

test('the timer finds what no webhook told, since it read last, and lists it', async () => {
  const [told, missed] = [newCustomer(relay), newCustomer(relay)];
  shopper('201', told, { firstName: 'Told', updatedAt: minutesAgo(30) });
  shopper('202', missed, { firstName: 'Missed', updatedAt: minutesAgo(20) });
  const body = JSON.stringify({
    id: 201,
    first_name: 'Told',
    updated_at: minutesAgo(30),
    tags: `directscale:${told}`,
  });
  const answer = await fetch(`${relay.host.url}/api/webhooks/shopify`, {
    method: 'POST',
    body,
    headers: { ...shopifyHeaders(body), 'X-Shopify-Shop-Domain': 'example.myshopify.com' },
  });
  expect(answer.status).toBe(202);
  await untilNothingIsPending(relay.host.url);
  await runTimer('catchUp');
  const ended = async () => (await walksOf('shopify')).walks['catch-up']?.endedAt !== undefined;
  await until(ended, 'the catch-up ends');
  expect(relay.sandbox.customers.get(missed)?.FirstName).toBe('Missed');
  const found = await changesOf(relay.host.url, { foundBy: 'catch-up', source: 'shopify' });
  expect(found.filter(({ customerId }) => customerId === missed)).toMatchObject([{ status: 'applied' }]);

  // Not due again before its time.
  const before = (await walksOf('shopify')).walks['catch-up'];
  await runTimer('catchUp');
  expect((await walksOf('shopify')).walks['catch-up']).toEqual(before);
});

test('since a time; a shop that cannot filter is read whole, and nobody is looked up in vain', async () => {
  const known = newCustomer(relay);
  relay.woo.customers.set('1', {
    ...wooCustomer(1, { first_name: 'Known', date_modified_gmt: '2026-01-01T00:00:00' }),
    meta_data: [{ id: 1, key: 'directscale_customer_id', value: known }],
  });
  for (let id = 2; id <= 8; id++)
    relay.woo.customers.set(
      String(id),
      wooCustomer(id, { meta_data: [], date_modified_gmt: '2026-01-01T00:00:00' }),
    );
  const calls = relay.sandbox.history.length;
  const step = await walk('woo', { since: minutesAgo(60) });
  expect(step).toMatchObject({ report: { read: 8, outcomes: { applied: 1, 'not-found': 7 } } });
  const asked = relay.sandbox.history.slice(calls).filter(({ customerId }) => customerId !== known);
  expect(asked).toEqual([]);
});

test('while the vendor does not answer, the walk waits where it was, and goes on there', async () => {
  const ids = Array.from({ length: 8 }, () => newCustomer(relay));
  for (const [index, id] of ids.entries()) shopper(String(300 + index), id, { firstName: 'Later' });
  let pages = 0;
  relay.shopify.beforePage = () => {
    if (++pages === 1) relay.shopify.faults.push({ status: 503, headers: { 'Retry-After': '60' } });
  };
  const step = await walk('shopify', {});
  relay.shopify.beforePage = undefined;
  expect(step).toMatchObject({ pages: 1, waits: { reason: 'vendor-unavailable' } });
  expect(step.endedAt).toBeUndefined();
  // Another order does not take its place by itself.
  const other = await call(relay.host.url, 'catch-up/shopify', {
    method: 'POST',
    body: '{"mode":"compare"}',
  });
  expect(other.status).toBe(409);
  expect(await other.json()).toMatchObject({ code: 'walk-under-way' });
  const restarted = await walk('shopify', { restart: true });
  expect(restarted).toMatchObject({ pages: 2, report: { outcomes: { applied: 3, unchanged: 5 } } });
});

test('a walk under way that does not reach back so far does not stand for one that does', async () => {
  relay.shopify.faults.push({ status: 503, headers: { 'Retry-After': '60' } });
  expect(await walk('shopify', { since: minutesAgo(30), restart: true })).toMatchObject({
    waits: { reason: 'vendor-unavailable' },
  });
  const further = await call(relay.host.url, 'catch-up/shopify', {
    method: 'POST',
    body: JSON.stringify({ since: minutesAgo(60) }),
  });
  expect(further.status).toBe(409);
  const under = await walk('shopify', { since: minutesAgo(20) });
  expect(under).toMatchObject({ waits: { reason: 'vendor-unavailable' } });
  expect(under).not.toHaveProperty('doneOfPage');
  expect(await walk('shopify', { since: minutesAgo(60), restart: true })).toHaveProperty('endedAt');
});

test('a token that is refused is told', async () => {
  relay.shopify.tokens.clear();
  relay.shopify.tokens.add('another');
  expect(await walk('shopify', { restart: true })).toMatchObject({ waits: { reason: 'refused-by-vendor' } });
  relay.shopify.tokens.clear();
  relay.shopify.tokens.add('a-token');
  expect(await walk('shopify', { restart: true })).toMatchObject({ report: { read: 0 } });
});

test('a comparison tells what differs and why, and writes nothing; a repair writes it', async () => {
  const [agrees, drifted] = [newCustomer(relay), newCustomer(relay)];
  shopper('401', agrees);
  shopper('402', drifted);
  await walk('shopify', {});
  const customer = relay.sandbox.customers.get(drifted);
  if (customer) customer.LastName = 'By hand';
  const compared = await walk('shopify', { mode: 'compare' });
  expect(compared).toMatchObject({ report: { outcomes: { agrees: 1, differs: 1 } } });
  expect(compared.stepFindings).toMatchObject([{ outcome: 'differs', customerId: drifted }]);
  await walk('shopify', {});
  expect(relay.sandbox.customers.get(drifted)?.LastName).toBe('By hand');
  expect(await walk('shopify', { repair: true })).toMatchObject({
    report: { outcomes: { applied: 1, unchanged: 1 } },
  });
  expect(patchesOf(relay, drifted).at(-1)).toEqual({
    LastName: relay.sandbox.customers.get(agrees)?.LastName,
  });
  expect(await walk('shopify', { mode: 'compare' })).toMatchObject({ report: { outcomes: { agrees: 2 } } });
});

test('the weekly timer compares all customers, and writes nothing', async () => {
  const [agrees, drifted] = [newCustomer(relay), newCustomer(relay)];
  shopper('451', agrees);
  shopper('452', drifted);
  await walk('shopify', { restart: true });
  const customer = relay.sandbox.customers.get(drifted);
  if (customer) customer.LastName = 'By hand';
  await runTimer('reconcile');
  const reconciled = async () => (await walksOf('shopify')).walks.reconcile;
  await until(async () => (await reconciled()) !== undefined, 'it is begun');
  await runTimer('catchUp');
  await until(async () => (await reconciled())?.endedAt !== undefined, 'it ends');
  expect(await reconciled()).toMatchObject({
    report: { outcomes: { agrees: 1, differs: 1 }, fields: { LastName: { agrees: 1, drifted: 1 } } },
    findings: [{ outcome: 'differs', customerId: drifted }],
  });
  expect(relay.sandbox.customers.get(drifted)?.LastName).toBe('By hand');
});

test('the command walks over all, since a time, tries first, and reports', async () => {
  const ids = Array.from({ length: 7 }, () => newCustomer(relay));
  for (const [index, id] of ids.entries()) shopper(String(500 + index), id, { firstName: 'Command' });
  const settings = { RELAY_URL: relay.host.url, RELAY_KEY: functionKey };
  const run = (...args: string[]) => runScript('catch-up', ['shopify', ...args], settings);
  const tried = await run('--all', '--dry-run', '--restart');
  expect(tried).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was written.') });
  expect(tried.out).toMatch(/FirstName +would be written +7/);
  expect(await run('--all', '--json').then(({ out }) => JSON.parse(out))).toMatchObject({
    read: 7,
    outcomes: { applied: 7 },
  });
  expect((await run('--since', '2h')).out).toContain('Read: 0.');
  expect(await run('--all', '--since', '2h')).toMatchObject({ code: 2 });
  expect(await runScript('catch-up', ['in-house', '--all'], settings)).toMatchObject({ code: 1 });
});

test('a kind without an API, a time in the future', async () => {
  const post = (source: string, body: object) =>
    call(relay.host.url, `catch-up/${source}`, { method: 'POST', body: JSON.stringify(body) });
  expect((await post('in-house', {})).status).toBe(409);
  expect((await post('shopify', { since: '2999-01-01T00:00:00Z' })).status).toBe(422);
  expect((await post('nobody', {})).status).toBe(404);
});

test('a walk that ended is told to a command that did not hear its last answer, and not made again', async () => {
  shopper('71', newCustomer(relay));
  const ended = await walk('shopify', {});
  expect(ended.endedAt).toBeDefined();
  const { startedAt } = ended;
  expect(await walk('shopify', { startedAt })).toMatchObject({ startedAt, endedAt: ended.endedAt });
  expect((await walk('shopify', {})).startedAt).not.toBe(startedAt);
});
