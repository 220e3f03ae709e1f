import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../../local/stack.ts';
import { healthDetailsAnswer } from '../../../src/http/answers.ts';
import { call, changesOf } from '../operator.ts';
import { patchCustomer, patchesOf, postCanonical } from '../relay-under-test.ts';
import { callsDuring, newRecordId, send, someone, startRelayForCustomers } from './customer-tests.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelayForCustomers({ CUSTOMER_WRITES_PER_MINUTE: '8' });
});
afterAll(() => stack?.stop());

test('two systems that overwrite each other are stopped, and it shows in health and deliveries', async () => {
  const customer = someone(stack);
  const customerId = String(customer.CustomerId);
  const told: string[] = [];
  // Each system writes its own spelling as soon as it sees the other's.
  for (let round = 0; round < 100; round++) {
    const LastName = customer.LastName === 'MacLeod' ? 'Macleod' : 'MacLeod';
    const response = await postCanonical(
      stack,
      { customer: { customerId }, fields: { LastName } },
      { source: 'crm-queued' },
    );
    expect(response.status).toBe(202);
    const { deliveryId } = (await response.json()) as { deliveryId: string };
    const change = async () =>
      (await changesOf(stack.host.url, { customer: customerId })).find(
        (one) => one.deliveryId === deliveryId,
      );
    await expect
      .poll(async () => (await change())?.reason ?? (await change())?.status, { timeout: 10_000 })
      .toMatch(/^(applied|too-many-writes)$/);
    const { status = '', reason } = (await change()) ?? {};
    told.push(reason ?? status);
    if (reason) break;
  }
  expect(told).toEqual([...Array(8).fill('applied'), 'too-many-writes']);
  expect(patchesOf(stack, customerId)).toHaveLength(8);

  const health = await call(stack.host.url, 'health/details');
  const details: unknown = await health.json();
  expect(details).toMatchObject({ status: 'degraded', pausedCustomers: [{ customerId }] });
  expect(healthDetailsAnswer.strict().safeParse(details).error).toBeUndefined();
  const [waiting] = await changesOf(stack.host.url, { customer: customerId, status: 'pending' });
  expect(waiting).toMatchObject({ reason: 'too-many-writes' });

  const direct = await patchCustomer(stack, customerId, { FirstName: 'Direct' });
  expect(direct.status).toBe(503);
  expect(Number(direct.headers.get('retry-after'))).toBeGreaterThan(60);
  expect(await direct.json()).toMatchObject({ code: 'customer-paused' });
  // What changes nothing is no write, and others are not touched.
  const same = await patchCustomer(stack, customerId, { LastName: customer.LastName });
  expect(await same.json()).toMatchObject({ status: 'unchanged' });
  const other = String(someone(stack).CustomerId);
  expect((await patchCustomer(stack, other, { FirstName: 'Other' })).status).toBe(200);

  await call(stack.host.url, `customers/${customerId}/deliveries`, { method: 'DELETE' });
  const forgotten: unknown = await (await call(stack.host.url, 'health/details')).json();
  expect(forgotten).not.toHaveProperty('pausedCustomers');
});

test('changes by the integration user of the other system are ignored', async () => {
  const { CustomerId, ExternalReferenceId } = someone(stack);
  const change = { customer: { externalReferenceId: ExternalReferenceId }, fields: { FirstName: 'Loop' } };
  const calls = await callsDuring(stack, async () => {
    expect(await send(stack, { ...change, changedBy: 'integration-user' }, 'shop')).toMatchObject({
      status: 'ignored',
    });
  });
  expect(calls).toEqual([]);
  expect(await send(stack, { ...change, changedBy: 'a person' }, 'shop')).toMatchObject({
    status: 'applied',
  });
  expect(patchesOf(stack, String(CustomerId))).toEqual([{ FirstName: 'Loop' }]);
});

test('of one delivery, only what people changed is sent', async () => {
  const { CustomerId, ExternalReferenceId } = someone(stack);
  const customer = { externalReferenceId: ExternalReferenceId };
  const recordId = newRecordId();
  const response = await postCanonical(
    stack,
    [
      { customer, recordId, changedBy: 'integration-user', fields: { FirstName: 'Loop', LastName: 'Loop' } },
      { customer, recordId, changedBy: 'ada', fields: { FirstName: 'Ada' } },
      { customer, recordId, changedBy: 'grace', fields: { CompanyName: 'Hopper' } },
    ],
    { source: 'shop' },
  );
  expect(await response.json()).toMatchObject({
    status: 'applied',
    changes: [{ fields: ['FirstName', 'CompanyName'] }],
  });
  expect(patchesOf(stack, String(CustomerId))).toEqual([{ FirstName: 'Ada', CompanyName: 'Hopper' }]);
});
