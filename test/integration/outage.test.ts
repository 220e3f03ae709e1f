import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../local/stack.ts';
import { healthDetailsSchema } from '../../src/health.ts';
import { newestValues, olderOverNewer } from './chaos/history.ts';
import { madeUpChanges } from './chaos/made-up-changes.ts';
import { call, changesOf, functionKey, until, untilNothingIsPending } from './operator.ts';

const customerIds = ['10542', '10543', '10544'];
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    relayConfig: 'test/integration/chaos/relay.json',
    host: { functionKey, env: { RETRY_SCHEDULE: '1 s, 1 s', DIRECTSCALE_SETTLE_MS: '200' } },
  });
});
afterAll(() => stack?.stop());

test('DirectScale is down for the whole schedule: all is parked, and one bulk replay applies it in order', async () => {
  const { host, sandbox } = stack;
  const changes = madeUpChanges(60, customerIds);
  sandbox.fault({ status: 503 });
  for (const { path, headers, body } of changes) {
    expect((await fetch(`${host.url}${path}`, { method: 'POST', headers, body })).status).toBe(202);
  }
  await untilNothingIsPending(host.url, 60_000);
  const parked = await changesOf(host.url, { status: 'parked' });
  expect(parked).toHaveLength(changes.length);
  expect(new Set(parked.map(({ reason }) => reason))).toEqual(new Set(['retries-exhausted']));
  // One failing call is not a storm: most attempts waited for the end of the pause.
  expect(sandbox.history.length).toBeLessThan(changes.length);
  const health = await call(host.url, 'health/details');
  expect(await health.json()).toMatchObject({
    status: 'degraded',
    circuitBreaker: { reason: 'server-error' },
  });

  sandbox.clearFaults();
  const isHalfOpen = async () => {
    const response = await call(host.url, 'health/details');
    const { circuitBreaker } = healthDetailsSchema.parse(await response.json());
    return circuitBreaker?.state !== 'open';
  };
  await until(isHalfOpen, 'the circuit is no longer open', 70_000);
  // The first call is the probe. All others wait for it, for longer than their schedule.
  sandbox.fault({ delayMs: 4000, times: 1 });
  const replayed = await call(host.url, 'deliveries/replay', { method: 'POST' });
  expect(await replayed.json()).toMatchObject({ replayed: changes.length, notReplayed: 0 });
  await untilNothingIsPending(host.url, 60_000);

  expect(await changesOf(host.url, { status: 'parked' })).toEqual([]);
  for (const id of customerIds) expect(sandbox.customers.get(id)).toMatchObject(newestValues(changes, id));
  expect(olderOverNewer(sandbox.history)).toEqual([]);
}, 180_000);
