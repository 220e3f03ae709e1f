import { afterAll, beforeAll, expect, test } from 'vitest';
import { localSecret } from '../../local/sender.ts';
import type { Stack } from '../../local/stack.ts';
import { tableJobStates } from '../../src/catch-up/job-states.ts';
import { openTable } from '../../src/delivery/store/open-tables.ts';
import type { SourceList } from '../../src/http/operator-answers.ts';
import { call } from './operator.ts';
import { newCustomer, outcomeOf, postCanonical, postShopify, startRelay } from './relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

async function sourceOf(name: string): Promise<SourceList['sources'][number] | undefined> {
  const answer = await call(stack.host.url, 'sources');
  expect(answer.status).toBe(200);
  const { sources } = (await answer.json()) as SourceList;
  return sources.find((source) => source.name === name);
}

test('a source says where it is called, which of its secrets can be used, and when it was taken last', async () => {
  const before = new Date().toISOString();
  const change = { customer: { customerId: newCustomer(stack) }, fields: { FirstName: 'Ada' } };
  await outcomeOf(stack, await postCanonical(stack, change));
  const source = await sourceOf('in-house');
  expect(source).toMatchObject({
    kind: 'canonical',
    address: `${stack.host.url}/api/webhooks/in-house`,
    mode: 'queued',
    state: 'ready',
    secrets: [{ name: 'in-house-webhook-secret', isReadable: true, isUsable: true }],
  });
  expect(source?.lastAccepted?.localeCompare(before)).toBeGreaterThanOrEqual(0);
  expect(source).not.toHaveProperty('lastRefused');
  expect(await sourceOf('in-house-sync')).not.toHaveProperty('lastAccepted');
});

test('a refused webhook is told by its time and class, and by nothing that was sent', async () => {
  expect((await postShopify(stack, '{"email":"eve@example.com"}', { secret: 'not the secret' })).status).toBe(
    401,
  );
  await expect
    .poll(async () => (await sourceOf('shopify'))?.lastRefused, { timeout: 10_000 })
    .toEqual({ at: expect.any(String), reason: 'unauthorized' });
});

test('what the last look at its subscription came to', async () => {
  expect(await sourceOf('shopify')).not.toHaveProperty('subscription');
  const guards = tableJobStates(await openTable('relaywalks', stack.env));
  const checkedAt = '2026-11-23T17:06:31.123Z';
  const problems = ['it is switched off', 'customers/create is missing'];
  await guards.writeGuard({ source: 'shopify', checkedAt, state: 'broken', problems });
  expect((await sourceOf('shopify'))?.subscription).toEqual({
    state: 'broken',
    checkedAt,
    note: 'it is switched off; customers/create is missing',
  });
});

test('a source that is misconfigured says what is wrong, and one whose secret is missing says which', async () => {
  expect(await sourceOf('broken')).toMatchObject({ state: 'misconfigured', problems: [{}] });
  const { secrets = [] } = (await sourceOf('shopify')) ?? {};
  expect(secrets).toMatchObject([{ isReadable: true, isUsable: true }, {}]);
  const text = await (await call(stack.host.url, 'sources')).text();
  for (const name of ['shopify-webhook-secret', 'in-house-webhook-secret'])
    expect(text).not.toContain(localSecret(name));
});
