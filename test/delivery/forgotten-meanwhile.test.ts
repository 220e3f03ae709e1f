import { expect, test } from 'vitest';
import { apply } from '../../src/delivery/customer/apply.ts';
import { valueHasher } from '../../src/delivery/record/value-hash.ts';
import { createCircuitBreaker } from '../../src/directscale/circuit-breaker.ts';
import type { CallResult, DirectScale } from '../../src/directscale/client.ts';
import { Memory, memoryStores } from './model/memory-stores.ts';

test('a customer that is forgotten while parts of a change are sent stays forgotten: nothing is told of it', async () => {
  const now = () => 1_000_000;
  const { states } = memoryStores(new Memory(), now, async (effect) => effect());
  const patches: object[] = [];
  const directScale: DirectScale = {
    lastAnswer: () => undefined,
    inLane: () => directScale,
    getCustomer: async (id) => ({ outcome: 'found', customer: { CustomerId: id } }),
    getCustomFields: async () => ({ outcome: 'found', fields: {} }),
    findCustomers: async () => ({ outcome: 'found', customers: [] }),
    patchCustomer: async (_, patch): Promise<CallResult> => {
      patches.push(patch);
      if ('FirstName' in patch) return { outcome: 'rejected', status: 400 };
      return { outcome: 'applied', status: 200 };
    },
  };
  const receipt = { receivedAt: 1, changeId: '20260101-000000000-0000000000000000/0' };
  const forgetAfterFirstPart: typeof states = {
    ...states,
    async write(customerId, state, etag, noted) {
      const written = await states.write(customerId, state, etag, noted);
      if (state.leasedUntil === 0 && patches.length === 2) await states.forget(customerId, new Date(now()));
      return written;
    },
  };
  const outcome = await apply(
    {
      change: {
        customer: { customerId: '7' },
        occurredAt: new Date(1).toISOString(),
        fields: { FirstName: 'Ada', LastName: 'Berg', CompanyName: 'Ada & Co' },
      },
      receipt,
      deliveryId: '20260101-000000000-0000000000000000',
      index: 0,
      leftOut: [],
      isStrict: false,
    },
    {
      states: forgetAfterFirstPart,
      directScale,
      circuitBreaker: createCircuitBreaker(() => undefined, now),
      hashOf: valueHasher('a-subscription-key'),
      callMs: 1000,
      leaseMs: 10_000,
      settleMs: 1000,
      writesPerMinute: 30,
      onCustomerPaused: () => undefined,
      now,
    },
  );
  expect(patches).toHaveLength(2);
  expect(outcome).toMatchObject({ told: { outcome: 'forgotten' } });
  expect((await states.read('7')).fields).toEqual({});
});
