import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../../local/stack.ts';
import { stateFolder } from '../../../local/state-folder.ts';
import { runScript } from '../../scripts/run-script.ts';
import { call } from '../operator.ts';
import { functionKey, newCustomer, quickRetries } from '../relay-under-test.ts';
import { type Shop, startShops } from './every-shop.ts';

const kinds = ['shopify', 'woocommerce', 'bigcommerce', 'adobe-commerce', 'mailchimp', 'stripe'];
const relayConfig = join(stateFolder, `every-shop-${process.pid}.relay.json`);
let shops: Shop[] = [];
let stack: Stack;

beforeAll(async () => {
  shops = await startShops();
  const sources = Object.fromEntries(
    shops.map(({ kind, options }) => [kind, { kind, secrets: [`${kind}-webhook-secret`], options }]),
  );
  await mkdir(stateFolder, { recursive: true });
  await writeFile(relayConfig, JSON.stringify({ sources }));
  stack = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
  for (const { secrets } of shops)
    for (const [name, value] of Object.entries(secrets)) stack.vault.set(name, value);
});
afterAll(async () => {
  await stack?.stop();
  await Promise.all(shops.map(({ api }) => api.close()));
  await rm(relayConfig, { force: true });
});

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

/** Catches up with what changed in the last hour. */
async function catchUp(source: string): Promise<unknown> {
  const order = { since: minutesAgo(60).toISOString(), restart: true };
  const response = await call(stack.host.url, `catch-up/${source}`, {
    method: 'POST',
    body: JSON.stringify(order),
  });
  expect(response.status).toBe(200);
  return response.json();
}

const patches = (): number => stack.sandbox.history.filter(({ method }) => method === 'PATCH').length;
const firstNames = (ids: readonly string[]) => ids.map((id) => stack.sandbox.customers.get(id)?.FirstName);

test.each(kinds)('%s: what no webhook told is in DirectScale after the next catch-up', async (kind) => {
  const shop = shops.find((each) => each.kind === kind);
  if (!shop) throw new Error(`no shop of the kind ${kind}`);
  const ids = Array.from({ length: 7 }, () => newCustomer(stack));
  for (const [index, customerId] of ids.entries())
    shop.save(index + 1, { customerId, firstName: `Ida ${index}`, at: minutesAgo(30 - index) });

  // The token runs out on the way.
  let pages = 0;
  shop.api.beforePage = () => {
    if (++pages === 1) shop.api.tokens.clear();
  };
  const tokens = [...shop.api.tokens];
  expect(await catchUp(kind)).toMatchObject({ pages: 1, waits: { reason: 'refused-by-vendor' } });

  // Throttled on the way, for a moment: that is waited for.
  for (const token of tokens) shop.api.tokens.add(token);
  pages = 0;
  shop.api.beforePage = () => {
    if (++pages === 2) shop.api.faults.push({ status: 429, headers: { 'Retry-After': '1' } });
  };
  const throttled = await catchUp(kind);
  expect(throttled).toMatchObject({ endedAt: expect.any(String), report: { outcomes: { applied: 4 } } });

  // One is saved while she is read.
  pages = 0;
  const [first = ''] = ids;
  shop.api.beforePage = () => {
    if (++pages === 2) shop.save(1, { customerId: first, firstName: 'Anna', at: minutesAgo(0) });
  };
  expect(await catchUp(kind)).toMatchObject({ endedAt: expect.any(String) });
  shop.api.beforePage = undefined;
  expect(firstNames(ids).slice(1)).toEqual(['Ida 1', 'Ida 2', 'Ida 3', 'Ida 4', 'Ida 5', 'Ida 6']);
  expect(await catchUp(kind)).toMatchObject({ endedAt: expect.any(String) });
  expect(firstNames([first])).toEqual(['Anna']);

  const before = patches();
  expect(await catchUp(kind)).toMatchObject({ endedAt: expect.any(String) });
  expect(patches()).toBe(before);
});

test('a webhook that brings nothing is named, of every shop, and put right by --repair', async () => {
  for (const { kind, breakWebhook } of shops) breakWebhook(`https://relay.example.com/api/webhooks/${kind}`);
  const env = {
    ...stack.env,
    KEY_VAULT_URL: stack.env.KEY_VAULT_URL ?? '',
    PUBLIC_URL: 'https://relay.example.com',
  };
  const check = async (...args: string[]) =>
    (await runScript('check', ['--subscriptions', ...args], env)).out;
  const broken = await check();
  const repaired = await check('--repair');
  const good = await check();
  for (const kind of kinds) {
    expect(broken).toMatch(new RegExp(`^BAD {2}${kind}: its webhook: `, 'm'));
    expect(repaired).toMatch(new RegExp(`^ok {3}${kind}: its webhook is put right`, 'm'));
    expect(good).not.toMatch(new RegExp(`^BAD {2}${kind}: its webhook: `, 'm'));
  }
}, 120_000);
