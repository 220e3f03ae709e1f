import { afterEach, expect, test } from 'vitest';
import { localSecret } from '../../local/sender.ts';
import type { Stack } from '../../local/stack.ts';
import { functionKey, patchCustomer, patchesOf, postCanonical, startRelay } from './relay-under-test.ts';

const keySecret = 'directscale-subscription-key';
let stack: Stack;
afterEach(() => stack?.stop());

const change = { customer: { customerId: '10542' }, fields: { FirstName: 'Marie' } };

test('a key rotated in the vault while running is picked up after one 401, and no request is lost', async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '1' });
  expect((await patchCustomer(stack, '10542', { FirstName: 'before' })).status).toBe(200);

  stack.vault.set(keySecret, 'the-new-key');
  stack.sandbox.setSubscriptionKeys(['the-new-key']);
  await expect
    .poll(async () => (await patchCustomer(stack, '10542', { FirstName: 'after' })).status)
    .toBe(200);
  const refused = stack.sandbox.history.filter((call) => call.status === 401);
  expect(refused).toHaveLength(1);

  const later = await Promise.all(
    Array.from({ length: 20 }, (_, i) => patchCustomer(stack, '10542', { FirstName: `after ${i}` })),
  );
  expect(later.map((response) => response.status)).toEqual(Array(20).fill(200));
  expect(stack.sandbox.history.filter((call) => call.status === 401)).toHaveLength(1);
});

test('a wrong key does not hammer the vault', async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '3600' });
  stack.sandbox.setSubscriptionKeys(['another-key']);
  for (let i = 0; i < 10; i++)
    expect((await patchCustomer(stack, '10542', { FirstName: 'x' })).status).toBe(503);
  expect(stack.vault.reads(keySecret)).toBeLessThanOrEqual(2);
  const health = await healthDetails();
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({
    directScale: { outcome: 'misconfigured', reason: 'key-rejected' },
  });
});

test('a vault that is down after start does not stop deliveries, even past the time to live', async () => {
  stack = await startRelay({ SECRETS_TTL_MINUTES: '0.001' });
  expect((await postCanonical(stack, change)).status).toBe(200);
  stack.vault.down();
  for (let i = 0; i < 5; i++) expect((await postCanonical(stack, change)).status).toBe(200);
  expect(patchesOf(stack, '10542')).toHaveLength(6);
});

test('a vault that is down from the start: 503, and deliveries work as soon as it is up', async () => {
  stack = await startRelay();
  stack.vault.down();
  const response = await postCanonical(stack, change);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: 'secrets-unavailable' });
  stack.vault.up();
  await expect.poll(async () => (await postCanonical(stack, change)).status, { timeout: 15_000 }).toBe(200);
});

test('1,000 deliveries within the time to live read each secret once', async () => {
  stack = await startRelay();
  const statuses = new Set<number>();
  for (let batch = 0; batch < 50; batch++) {
    const responses = await Promise.all(Array.from({ length: 20 }, () => postCanonical(stack, change)));
    for (const response of responses) statuses.add(response.status);
  }
  expect([...statuses]).toEqual([200]);
  expect(patchesOf(stack, '10542')).toHaveLength(1000);
  expect(stack.vault.reads(keySecret)).toBe(1);
  expect(stack.vault.reads('in-house-webhook-secret')).toBe(1);
});

test('a webhook secret put into the vault is accepted at once, without waiting for the time to live', async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '0' });
  expect((await postCanonical(stack, change)).status).toBe(200);
  const next = localSecret('the next one');
  expect((await postCanonical(stack, change, { secret: next })).status).toBe(401);
  stack.vault.set('in-house-webhook-secret', next);
  expect((await postCanonical(stack, change, { secret: next })).status).toBe(200);
});

test('health: ready, and degraded with the name of the secret that is missing', async () => {
  stack = await startRelay({ RELAY_CONFIG: 'relay.json' });
  expect((await fetch(`${stack.host.url}/api/health`)).status).toBe(200);
  await stack.stop();

  stack = await startRelay();
  stack.vault.remove('in-house-webhook-secret');
  const health = await (await healthDetails()).json();
  expect(health).toMatchObject({
    status: 'degraded',
    sources: { shopify: 'ready', 'in-house': 'secret-unavailable', broken: 'misconfigured' },
  });
  expect(JSON.stringify(health)).not.toContain(localSecret('shopify-webhook-secret'));
});

function healthDetails(): Promise<Response> {
  return fetch(`${stack.host.url}/api/health/details?code=${functionKey}`);
}
