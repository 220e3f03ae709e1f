import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import type { ActList, Comparison, Customer } from '../../src/http/operator-answers.ts';
import { call } from './operator.ts';
import { newCustomer, outcomeOf, patchCustomer, postCanonical, startRelay } from './relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

async function get<Answer>(path: string): Promise<Answer> {
  const response = await call(stack.host.url, path, { headers: { 'x-relay-operator': 'Ann' } });
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Answer; // the test's own statement of what comes
}

const resultsOf = ({ fields }: Comparison) =>
  Object.fromEntries(fields.map(({ path, result }) => [path, result]));

test('each field says when it changed, from which source and by which delivery; nothing says its value', async () => {
  const customerId = newCustomer(stack);
  const occurredAt = '2026-01-02T03:04:05.000Z';
  const change = { customer: { customerId }, recordId: 'r-1', occurredAt, fields: { FirstName: 'Ottilie' } };
  const { deliveryId } = await outcomeOf(stack, await postCanonical(stack, change));
  await patchCustomer(stack, customerId, { LastName: 'Quark' });
  await call(stack.host.url, 'links/in-house/r-1', { method: 'PUT', body: JSON.stringify({ customerId }) });

  const report = await get<Customer>(`customers/${customerId}`);
  expect(report).toMatchObject({
    customerId,
    fields: [
      { path: 'FirstName', occurredAt, source: 'in-house', deliveryId },
      { path: 'LastName', source: 'direct' },
    ],
    links: [{ source: 'in-house', recordId: 'r-1', customerId }],
    pauses: [],
  });
  expect(JSON.stringify(report)).not.toMatch(/Ottilie|Quark|hash/);
  expect(await get<Customer>(`customers/${newCustomer(stack)}`)).toMatchObject({ fields: [], links: [] });
});

test('a call whose end nobody saw is in doubt', async () => {
  const customerId = newCustomer(stack);
  stack.sandbox.fault({ status: 503, times: 1, match: { method: 'PATCH', customerId } });
  expect((await patchCustomer(stack, customerId, { FirstName: 'Ada' })).status).toBe(503);
  const { fields } = await get<Customer>(`customers/${customerId}`);
  expect(fields).toMatchObject([{ path: 'FirstName', inDoubt: { source: 'direct' } }]);
  expect(fields[0]).not.toHaveProperty('occurredAt');
  expect(resultsOf(await get(`customers/${customerId}/comparison`))).toEqual({ FirstName: 'unknown' });
});

test('a field that DirectScale refuses is named with its words', async () => {
  const customerId = newCustomer(stack);
  stack.sandbox.fault({ status: 400, match: { method: 'PATCH', customerId, field: 'PrimaryPhone' } });
  const fields = { FirstName: 'Ada', PrimaryPhone: '+14165550142' };
  await outcomeOf(stack, await postCanonical(stack, { customer: { customerId }, fields }));
  const known = (await get<Customer>(`customers/${customerId}`)).fields;
  const reason = 'DirectScale refuses it (400): PrimaryPhone is not valid.';
  expect(known).toMatchObject([
    { path: 'FirstName', source: 'in-house' },
    { path: 'PrimaryPhone', refused: { reason } },
  ]);
  expect(known[0]).not.toHaveProperty('refused');
});

test('compared: equal, different and unknown, without values unless they are asked for, which is noted', async () => {
  const customerId = newCustomer(stack);
  const fields = { FirstName: 'Ottilie', LastName: 'Quark', AssociateCustom: { Field1: 'x' } };
  expect((await patchCustomer(stack, customerId, fields)).status).toBe(200);
  const held = stack.sandbox.customers.get(customerId);
  if (!held) throw new Error('the sandbox lost its customer');
  stack.sandbox.customers.set(customerId, { ...held, LastName: 'Quirk' });

  const path = `customers/${customerId}/comparison`;
  const compared = await get<Comparison>(path);
  expect(resultsOf(compared)).toEqual({
    'AssociateCustom.Field1': 'equal',
    FirstName: 'equal',
    LastName: 'different',
  });
  expect(JSON.stringify(compared)).not.toMatch(/Ottilie|Quark|Quirk/);
  const withValues = await get<Comparison>(`${path}?values=true`);
  expect(withValues.fields.find((field) => field.path === 'LastName')).toMatchObject({ value: 'Quirk' });
  const { acts } = await get<ActList>('acts?act=show-values&limit=1');
  expect(acts).toMatchObject([{ subject: `customer ${customerId}`, by: 'Ann', signedIn: false }]);
});
