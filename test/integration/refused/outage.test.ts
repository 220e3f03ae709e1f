import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../../local/stack.ts';
import { functionKey, newCustomer } from '../relay-under-test.ts';
import { allFields, patchesTo, quickRetries, relayConfig, save } from './refusing.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
});
afterAll(() => stack?.stop());

test('DirectScale answers 500 to everybody: no field is suspected, and all is written when it works again', async () => {
  const customerIds = [newCustomer(stack), newCustomer(stack)];
  stack.sandbox.fault({ match: { method: 'PATCH' }, status: 500, times: 8 });
  const told = await Promise.all(customerIds.map((id) => save(stack, id, allFields)));
  for (const { changes } of told) {
    expect(changes[0]).toMatchObject({ status: 'applied' });
    expect(changes[0]).not.toHaveProperty('leftOut');
  }
  for (const id of customerIds) for (const patch of patchesTo(stack, id)) expect(patch).toEqual(allFields);
}, 60_000);

test('a customer fails, and nobody else is written to: it is tried as in an outage, by the schedule', async () => {
  const customerId = newCustomer(stack);
  stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 500 });
  const told = await save(stack, customerId, { FirstName: 'Rosa', LastName: 'Lind' });
  expect(told).toMatchObject({ status: 'parked', changes: [{ reason: 'retries-exhausted' }] });
  for (const patch of patchesTo(stack, customerId))
    expect(patch).toEqual({ FirstName: 'Rosa', LastName: 'Lind' });
}, 60_000);
