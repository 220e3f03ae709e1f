import { afterEach, expect, test } from 'vitest';
import { localSecret } from '../../local/sender.ts';
import type { Stack } from '../../local/stack.ts';
import {
  functionKey,
  newCustomer,
  outcomeOf,
  patchCustomer,
  patchesOf,
  postCanonical,
  startRelay,
} from './relay-under-test.ts';

const keySecret = 'directscale-subscription-key';
let stack: Stack;
afterEach(() => stack?.stop());

const change = (FirstName: string) => ({ customer: { customerId: '10542' }, fields: { FirstName } });

test('a key rotated in the vault while running is picked up after one 401, and no request is lost', async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '1' });
  expect((await patchCustomer(stack, '10542', { FirstName: 'before' })).status).toBe(200);

  stack.vault.set(keySecret, 'the-new-key');
  stack.sandbox.setSubscriptionKeys(['the-new-key']);
  expect((await patchCustomer(stack, '10542', { FirstName: 'after' })).status).toBe(200);
  const refused = () => stack.sandbox.history.filter((call) => call.status === 401);
  expect(refused()).toHaveLength(1);

  const later = await Promise.all(
    Array.from({ length: 20 }, (_, i) => patchCustomer(stack, '10542', { FirstName: `after ${i}` })),
  );
  expect(later.map((response) => response.status)).toEqual(Array(20).fill(200));
  expect(refused()).toHaveLength(1);
});

test('a wrong key hammers neither the vault nor DirectScale', async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '3600' });
  stack.sandbox.setSubscriptionKeys(['another-key']);
  for (let i = 0; i < 10; i++) {
    const response = await patchCustomer(stack, '10542', { FirstName: 'x' });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'upstream-misconfigured', reason: 'key-rejected' });
  }
  expect(stack.vault.reads(keySecret)).toBeLessThanOrEqual(2);
  // One probe after every five seconds.
  expect(stack.sandbox.history.length).toBeLessThanOrEqual(3);
  const health = await healthDetails();
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({
    status: 'degraded',
    directScale: { outcome: 'misconfigured', reason: 'key-rejected' },
    circuitBreaker: { reason: 'key-rejected' },
  });
});

test('a vault that is down after start does not stop deliveries, even past the time to live', async () => {
  stack = await startRelay({ SECRETS_TTL_MINUTES: '0.001' });
  const names = ['before', 'after 1', 'after 2', 'after 3', 'after 4', 'after 5'];
  for (const name of names) {
    expect(await outcomeOf(stack, await postCanonical(stack, change(name)))).toMatchObject({
      status: 'applied',
    });
    stack.vault.down();
  }
  expect(patchesOf(stack, '10542')).toEqual(names.map((FirstName) => ({ FirstName })));
});

test('a vault that is down from the start: 503, and deliveries work as soon as it is up', async () => {
  stack = await startRelay();
  stack.vault.down();
  const response = await postCanonical(stack, change('Marie'));
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('30');
  expect(await response.json()).toMatchObject({ code: 'secrets-unavailable' });
  stack.vault.up();
  let answer: Response | undefined;
  await expect
    .poll(
      async () => {
        answer = await postCanonical(stack, change('Marie'));
        return answer.status;
      },
      { timeout: 15_000 },
    )
    .toBe(202);
  if (answer) expect(await outcomeOf(stack, answer)).toMatchObject({ status: 'applied' });
  expect(patchesOf(stack, '10542')).toEqual([{ FirstName: 'Marie' }]);
});

test('a subscription key that is not in the vault: webhooks are taken, and applied when it is there', async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '0' });
  stack.vault.remove(keySecret);
  const response = await postCanonical(stack, change('Marie'), { source: 'in-house-sync' });
  expect(response.status).toBe(202);
  const direct = await patchCustomer(stack, '10543', { FirstName: 'Marie' });
  expect(direct.status).toBe(503);
  expect(await direct.json()).toMatchObject({ code: 'secrets-unavailable' });
  stack.vault.set(keySecret, localSecret(keySecret));
  const { status, changes } = await outcomeOf(stack, response);
  expect(status).toBe('applied');
  expect(changes[0]?.attempts[0]).toMatchObject({ outcome: 'misconfigured' });
  expect(patchesOf(stack, '10542')).toEqual([{ FirstName: 'Marie' }]);
}, 60_000);

test('1,000 deliveries within the time to live read each secret once', async () => {
  stack = await startRelay();
  const statuses = new Set<number>();
  const customers = Array.from({ length: 1000 }, () => newCustomer(stack));
  for (let start = 0; start < customers.length; start += 20) {
    const batch = customers.slice(start, start + 20);
    const responses = await Promise.all(
      batch.map((customerId) =>
        postCanonical(stack, { customer: { customerId }, fields: { FirstName: 'Marie' } }),
      ),
    );
    for (const response of responses) statuses.add(response.status);
  }
  expect([...statuses]).toEqual([202]);
  const applied = () => stack.sandbox.history.filter((call) => call.applied).length;
  await expect.poll(applied, { timeout: 90_000, interval: 200 }).toBe(1000);
  expect(stack.vault.reads(keySecret)).toBe(1);
  expect(stack.vault.reads('in-house-webhook-secret')).toBe(1);
}, 120_000);

test('a webhook secret put into the vault is accepted at once, without waiting for the time to live', async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '0' });
  expect((await postCanonical(stack, change('one'))).status).toBe(202);
  const next = localSecret('the next one');
  expect((await postCanonical(stack, change('two'), { secret: next })).status).toBe(401);
  stack.vault.set('in-house-webhook-secret', next);
  const response = await postCanonical(stack, change('two'), { secret: next });
  expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied' });
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
