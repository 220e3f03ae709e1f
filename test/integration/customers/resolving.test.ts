import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../../local/stack.ts';
import { call, until } from '../operator.ts';
import { outcomeOf, patchesOf, postCanonical } from '../relay-under-test.ts';
import { callsDuring, newRecordId, send, someone, startRelayForCustomers } from './customer-tests.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelayForCustomers();
});
afterAll(() => stack?.stop());

const fields = { FirstName: 'Found' };

describe('a customer is found by', () => {
  test.each([
    ['backOfficeId', 'BackOfficeId'],
    ['externalReferenceId', 'ExternalReferenceId'],
    ['username', 'Username'],
    ['webAlias', 'WebAlias'],
    ['emailAddress', 'EmailAddress'],
  ] as const)('%s', async (by, member) => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    expect(await send(stack, { customer: { [by]: customer[member] }, fields })).toMatchObject({
      status: 'applied',
      customerId,
    });
    expect(patchesOf(stack, customerId)).toEqual([fields]);
  });

  test('the first reference that DirectScale knows', async () => {
    const customer = someone(stack);
    const references = [
      { externalReferenceId: 'nobody-has-this' },
      { backOfficeId: customer.BackOfficeId },
      { emailAddress: 'nobody@example.com' },
    ];
    const outcome = await send(stack, { customer: references, fields });
    expect(outcome).toMatchObject({ status: 'applied', customerId: String(customer.CustomerId) });
  });

  test('an e-mail address in other letter case', async () => {
    const { CustomerId, EmailAddress } = someone(stack);
    const outcome = await send(stack, { customer: { emailAddress: EmailAddress.toUpperCase() }, fields });
    expect(outcome).toMatchObject({ status: 'applied', customerId: String(CustomerId) });
  });
});

test('changes without the id of a record do not wait for each other', async () => {
  stack.sandbox.fault({ match: { method: 'GET' }, delayMs: 2000 });
  const byBackOfficeId = () => ({ backOfficeId: someone(stack).BackOfficeId });
  const calls = await callsDuring(stack, () =>
    Promise.all([
      send(stack, { customer: byBackOfficeId(), fields }),
      send(stack, { customer: byBackOfficeId(), fields }),
    ]),
  ).finally(() => stack.sandbox.clearFaults());
  // One after the other, the customer who is found first would be read before the second one is looked up.
  expect(calls.slice(0, 2)).toEqual([expect.stringContaining('?'), expect.stringContaining('?')]);
});

describe('the next change of the record', () => {
  test('makes no look-up', async () => {
    const customer = someone(stack);
    const change = { customer: { emailAddress: customer.EmailAddress }, recordId: newRecordId() };
    const first = await callsDuring(stack, () => send(stack, { ...change, fields }));
    expect(first).toContain(`GET /v1/customers/?email=${encodeURIComponent(customer.EmailAddress)}`);
    const second = await callsDuring(stack, () => send(stack, { ...change, fields: { FirstName: 'Again' } }));
    expect(second).toEqual([`PATCH /v1/customers/${customer.CustomerId}`]);
  });

  test('finds her when her e-mail address is another one by now, and none is given', async () => {
    const customer = someone(stack);
    const recordId = newRecordId();
    await send(stack, { customer: { emailAddress: customer.EmailAddress }, recordId, fields });
    const outcome = await send(stack, {
      customer: { emailAddress: 'changed@example.com' },
      recordId,
      fields: { EmailAddress: 'changed@example.com' },
    });
    expect(outcome).toMatchObject({ status: 'applied', customerId: String(customer.CustomerId) });
    expect(await send(stack, { recordId, fields: { FirstName: 'Third' } })).toMatchObject({
      status: 'applied',
    });
  });

  test('of another source is another record', async () => {
    const customer = someone(stack);
    const recordId = newRecordId();
    await send(stack, { customer: { emailAddress: customer.EmailAddress }, recordId, fields });
    expect(await send(stack, { recordId, fields }, 'shop')).toMatchObject({
      status: 'parked',
      reason: 'customer-not-found',
    });
  });
});

describe('nobody is guessed', () => {
  test('none: parked, and found by a replay when she is there', async () => {
    const recordId = newRecordId();
    const response = await postCanonical(
      stack,
      { customer: { backOfficeId: 'LATER-1' }, recordId, fields },
      { source: 'crm-queued' },
    );
    const { deliveryId, changes } = await outcomeOf(stack, response);
    expect(changes).toMatchObject([
      {
        status: 'parked',
        reason: 'customer-not-found',
        recordId,
        note: `the record ${recordId} is not linked; backOfficeId: no customer has this value`,
      },
    ]);
    const { CustomerId } = someone(stack, { BackOfficeId: 'LATER-1' });
    const replay = await call(stack.host.url, `deliveries/${deliveryId}/replay`, { method: 'POST' });
    expect(await outcomeOf(stack, replay)).toMatchObject({
      status: 'applied',
      changes: [{ customerId: String(CustomerId) }],
    });
  });

  test('several: parked with their ids', async () => {
    const twins = [someone(stack), someone(stack)];
    for (const twin of twins) twin.EmailAddress = 'twins@example.com';
    const ids = twins.map(({ CustomerId }) => String(CustomerId));
    const change = {
      customer: [{ emailAddress: 'twins@example.com' }, { backOfficeId: twins[0]?.BackOfficeId }],
    };
    expect(await send(stack, { ...change, fields })).toMatchObject({
      status: 'parked',
      reason: 'customer-ambiguous',
      note: `emailAddress: 2 customers have this value: ${ids.join(', ')}`,
    });
    for (const id of ids) expect(patchesOf(stack, id)).toEqual([]);
  });

  test('a customer who was found by a value that she does not have: the parameter was not understood', async () => {
    const customer = someone(stack);
    stack.sandbox.fault({
      match: { method: 'GET' },
      times: 1,
      status: 200,
      headers: { 'X-DirectScale-RequestId': 'r-2' },
      body: [customer],
    });
    const outcome = await send(stack, { customer: { username: 'somebody.else' }, fields });
    expect(outcome).toMatchObject({ status: 'parked', reason: 'customer-not-found' });
    expect(outcome.note).toContain(`customer ${customer.CustomerId} was found, but does not have this value`);
    expect(patchesOf(stack, String(customer.CustomerId))).toEqual([]);
  });

  test('a value with a space is refused, and DirectScale is not asked', async () => {
    const calls = await callsDuring(stack, async () => {
      const outcome = await send(stack, { customer: { username: 'mary larsen' }, fields });
      expect(outcome).toMatchObject({
        status: 'parked',
        reason: 'unmappable',
        violations: [{ path: 'customer.username' }],
      });
    });
    expect(calls).toEqual([]);
  });

  test('a reference that the source may not use is not looked up', async () => {
    const { EmailAddress, ExternalReferenceId } = someone(stack);
    const calls = await callsDuring(stack, async () => {
      const outcome = await send(stack, { customer: { emailAddress: EmailAddress }, fields }, 'shop');
      expect(outcome).toMatchObject({ status: 'parked', reason: 'customer-not-found' });
      expect(outcome.note).toBe('emailAddress is not looked up: relay.json does not list it under lookUp');
    });
    expect(calls).toEqual([]);
    const allowed = { customer: { externalReferenceId: ExternalReferenceId }, fields };
    expect(await send(stack, allowed, 'shop')).toMatchObject({ status: 'applied' });
  });

  test('a change with neither a reference nor a record is a violation', async () => {
    expect(await send(stack, { fields })).toMatchObject({
      reason: 'unmappable',
      violations: [{ path: 'customer.customerId' }],
    });
  });
});

describe('a link to a customer who is gone', () => {
  test('is dropped, and the record looked up again: its value belongs to another customer by now', async () => {
    const old = someone(stack);
    const change = { customer: { backOfficeId: old.BackOfficeId }, recordId: newRecordId() };
    await send(stack, { ...change, fields });
    stack.sandbox.customers.delete(String(old.CustomerId));
    const heir = someone(stack, { BackOfficeId: old.BackOfficeId });
    const outcome = await send(stack, { ...change, fields: { FirstName: 'Heir' } });
    expect(outcome).toMatchObject({ status: 'applied', customerId: String(heir.CustomerId) });
    const calls = await callsDuring(stack, () => send(stack, { ...change, fields: { FirstName: 'Linked' } }));
    expect(calls).toEqual([`PATCH /v1/customers/${heir.CustomerId}`]);
  });

  test('leaves the change parked when nobody else is found', async () => {
    const customer = someone(stack);
    const change = { customer: { backOfficeId: customer.BackOfficeId }, recordId: newRecordId() };
    await send(stack, { ...change, fields });
    stack.sandbox.customers.delete(String(customer.CustomerId));
    expect(await send(stack, { ...change, fields: { FirstName: 'Nobody' } })).toMatchObject({
      status: 'parked',
      reason: 'customer-not-found',
    });
  });

  test('is kept when the 404 comes from the gateway: the change waits', async () => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    const change = { customer: { backOfficeId: customer.BackOfficeId }, recordId: newRecordId() };
    await send(stack, { ...change, fields });
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, times: 1, status: 404 });
    const response = await postCanonical(
      stack,
      { ...change, fields: { FirstName: 'Waits' } },
      { source: 'crm', headers: {} },
    );
    expect(response.status).toBe(202);
    const path = `deliveries/${((await response.json()) as { deliveryId: string }).deliveryId}`;
    const isApplied = async () =>
      ((await (await call(stack.host.url, path)).json()) as { status: string }).status === 'applied';
    await until(isApplied, 'the change is applied', 40_000);
    expect(patchesOf(stack, customerId).at(-1)).toEqual({ FirstName: 'Waits' });
  });
});

test('an outage while customers are looked up: the change is repeated, and found in the end', async () => {
  const customer = someone(stack);
  stack.sandbox.fault({ match: { method: 'GET' }, times: 2, status: 503 });
  const response = await postCanonical(
    stack,
    { customer: { backOfficeId: customer.BackOfficeId }, recordId: newRecordId(), fields },
    { source: 'crm-queued' },
  );
  const { changes } = await outcomeOf(stack, response);
  expect(changes[0]).toMatchObject({ status: 'applied', customerId: String(customer.CustomerId) });
  expect(changes[0]?.attempts.map(({ outcome }) => outcome)).toEqual([
    'unavailable',
    'unavailable',
    'applied',
  ]);
});
