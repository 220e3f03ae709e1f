import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack } from '../../local/stack.ts';
import { healthDetailsSchema } from '../../src/health.ts';
import { newestValues } from './chaos/history.ts';
import { madeUpChanges } from './chaos/made-up-changes.ts';
import { call, changesOf, functionKey, until, untilNothingIsPending } from './operator.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ relayConfig: 'test/integration/chaos/relay.json', host: { functionKey } });
});
afterAll(() => stack?.stop());

test('a wrong key parks nothing and loses nothing; a minute after the right one is in the vault all is applied', async () => {
  const { host, sandbox, vault } = stack;
  // DirectScale takes another key than the one in the vault.
  sandbox.setSubscriptionKeys(['the-right-key']);
  const changes = madeUpChanges(20, ['10542', '10543']);
  for (const { path, headers, body } of changes) {
    expect((await fetch(`${host.url}${path}`, { method: 'POST', headers, body })).status).toBe(202);
  }
  const isLoud = async () => {
    const response = await call(host.url, 'health/details');
    const { status, circuitBreaker } = healthDetailsSchema.parse(await response.json());
    return response.status === 200 && status === 'degraded' && circuitBreaker?.reason === 'key-rejected';
  };
  await until(isLoud, 'health says that the key is rejected');
  // What the host writes comes by a pipe, a moment after its answers.
  await vi.waitFor(() => expect(stack.host.log()).toContain('key-rejected'), 15_000);
  const waiting = () => changesOf(host.url, { status: 'pending' });
  // A change stands still for a while before it is recorded as one that waits.
  const allWait = async () => (await waiting()).length === changes.length;
  await until(allWait, 'every change is recorded as waiting', 90_000);
  expect(new Set((await waiting()).map(({ reason }) => reason))).toEqual(new Set(['key-rejected']));
  expect(await changesOf(host.url, { status: 'parked' })).toEqual([]);

  vault.set('directscale-subscription-key', 'the-right-key');
  await untilNothingIsPending(host.url, 60_000);
  for (const id of ['10542', '10543'])
    expect(sandbox.customers.get(id)).toMatchObject(newestValues(changes, id));
  expect(await changesOf(host.url, { status: 'parked' })).toEqual([]);
  expect(await (await call(host.url, 'health')).json()).toEqual({ status: 'ready' });
}, 180_000);
