import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import type { Stack } from '../../local/stack.ts';
import { functionKey, until } from './operator.ts';
import { newCustomer, patchCustomer, postCanonical, startRelay } from './relay-under-test.ts';

const limits = { DIRECTSCALE_CALLS_PER_SECOND: '20', DIRECTSCALE_CALLS_AT_A_TIME: '10' };
const timeoutMs = 150_000;

let stack: Stack;
let second: FunctionHost;
beforeAll(async () => {
  stack = await startRelay(limits);
  second = await startFunctionHost({ functionKey, env: { ...stack.env, ...limits } });
}, timeoutMs);
afterAll(async () => {
  await second?.stop();
  await stack?.stop();
});

const howMany = 240;

/** How many calls DirectScale saw in each second of the clock. */
function callsPerSecond(): number[] {
  const seconds = Map.groupBy(stack.sandbox.history, ({ at }) => at.slice(0, '2026-11-26T17:00:00'.length));
  return [...seconds.values()].map((calls) => calls.length);
}

test(
  'two instances together call DirectScale no more often than is allowed, and a direct call passes those that wait',
  async () => {
    const customers = Array.from({ length: howMany }, () => newCustomer(stack));
    const payloads = customers.map((customerId) => ({
      customer: { customerId },
      fields: { FirstName: 'Ada' },
    }));
    const answer = await postCanonical(stack, payloads);
    expect(answer.status).toBe(202);
    await until(() => stack.sandbox.history.length > 10, 'calls are made');

    // Both instances are busy with the others now; how long a direct call waits, a test with a virtual clock shows.
    const written = () => stack.sandbox.history.filter(({ method }) => method === 'PATCH').length;
    for (const host of [stack.host, second]) {
      expect((await patchCustomer({ host }, newCustomer(stack), { FirstName: 'Bo' })).status).toBe(200);
    }
    expect(written()).toBeLessThan(howMany / 2);
    await until(() => written() === howMany + 2, 'all are written', 100_000);
    expect(Math.max(...callsPerSecond())).toBeLessThanOrEqual(22);
  },
  timeoutMs,
);
