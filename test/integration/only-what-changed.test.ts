import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { changesOf, untilNothingIsPending } from './operator.ts';
import { patchesOf, postCanonical, startRelay } from './relay-under-test.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

/** Sends a change as old as `minutesAgo` and waits until it is dealt with; its line in the list. */
async function send(customerId: string, minutesAgo: number, fields: Record<string, unknown>) {
  const occurredAt = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const response = await postCanonical(stack, { customer: { customerId }, occurredAt, fields });
  expect(response.status).toBe(202);
  const { deliveryId } = (await response.json()) as { deliveryId: string };
  await untilNothingIsPending(stack.host.url);
  return (await changesOf(stack.host.url, { customer: customerId })).find(
    (change) => change.deliveryId === deliveryId,
  );
}

test('the same values at a new time make no PATCH', async () => {
  const fields = { FirstName: 'Ada', PrimaryPhone: '8015550111', AssociateCustom: { Field1: 'gold' } };
  expect(await send('10543', 10, fields)).toMatchObject({ status: 'applied' });
  expect(await send('10543', 5, fields)).toMatchObject({ status: 'unchanged' });
  expect(patchesOf(stack, '10543')).toHaveLength(1);
  // It was newer all the same: what lies between is stale now.
  expect(await send('10543', 7, { FirstName: 'Adah' })).toMatchObject({ status: 'stale' });
  expect(patchesOf(stack, '10543')).toHaveLength(1);
});

test('of several fields, the one that changed is sent alone', async () => {
  await send('10544', 10, { FirstName: 'Jürgen', LastName: 'Weiß', PrimaryPhone: '8015550112' });
  const second = { FirstName: 'Jürgen', LastName: 'Weiss', PrimaryPhone: '8015550112' };
  expect(await send('10544', 5, second)).toMatchObject({
    status: 'applied',
    dropped: ['FirstName', 'PrimaryPhone'],
  });
  expect(patchesOf(stack, '10544').at(-1)).toEqual({ LastName: 'Weiss' });
});

test('the stale half of a change is dropped, the fresh half sent', async () => {
  await send('10545', 5, { FirstName: 'Yuki', TextPhone: '8015550146' });
  expect(await send('10545', 7, { FirstName: 'Yukiko', LastName: 'Tanaka-Ito' })).toMatchObject({
    status: 'applied',
    dropped: ['FirstName'],
  });
  expect(patchesOf(stack, '10545').at(-1)).toEqual({ LastName: 'Tanaka-Ito' });
  expect(stack.sandbox.customers.get('10545')).toMatchObject({ FirstName: 'Yuki', LastName: 'Tanaka-Ito' });
});

test('an address is one value: a change of one line sends it whole', async () => {
  const address = {
    Street1: '1 Main Street',
    Street2: '',
    City: 'Lehi',
    Region: 'UT',
    PostalCode: '84043',
    CountryCode: 'US',
  };
  await send('10546', 10, { PrimaryAddress: address });
  const moved = { ...address, Street2: 'Apt 9' };
  expect(await send('10546', 5, { PrimaryAddress: moved })).toMatchObject({ status: 'applied' });
  expect(patchesOf(stack, '10546').at(-1)).toEqual({ PrimaryAddress: moved });
});
