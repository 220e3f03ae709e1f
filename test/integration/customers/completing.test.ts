import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Customer } from '../../../local/sandbox/customer.ts';
import type { Stack } from '../../../local/stack.ts';
import { patchCustomer, patchesOf } from '../relay-under-test.ts';
import { callsDuring, send, someone, startRelayForCustomers } from './customer-tests.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelayForCustomers();
});
afterAll(() => stack?.stop());

const before = {
  Street1: '145 N 200 W',
  Street2: 'Apt 3',
  City: 'Provo',
  Region: 'UT',
  PostalCode: '84601',
  CountryCode: 'US',
};
const after = { ...before, Street1: '2600 Executive Pkwy', City: 'Lehi', PostalCode: '84043' };

/** The change of one property, at a minute of today. */
const single = (customerId: string, property: keyof typeof after, minute: number) => ({
  customer: { customerId },
  occurredAt: new Date(Date.now() - 3_600_000 + minute * 60_000).toISOString(),
  fields: { PrimaryAddress: { [property]: after[property] } },
});

const addressOf = ({ CustomerId }: Customer) =>
  expect.objectContaining({ PrimaryAddress: expect.objectContaining(after), CustomerId });

describe('single properties of an address, as CRMs send them', () => {
  const orders: [string, (readonly [keyof typeof after, number])[]][] = [
    [
      'city, zip, street',
      [
        ['City', 1],
        ['PostalCode', 2],
        ['Street1', 3],
      ],
    ],
    [
      'street, zip, city',
      [
        ['Street1', 3],
        ['PostalCode', 2],
        ['City', 1],
      ],
    ],
    [
      'zip, city, zip again, street, city again',
      [
        ['PostalCode', 2],
        ['City', 1],
        ['PostalCode', 2],
        ['Street1', 3],
        ['City', 1],
      ],
    ],
  ];
  test.each(orders)('%s: the right whole address, with one read a change at most', async (_, changes) => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    for (const [property, minute] of changes) {
      const calls = await callsDuring(stack, () => send(stack, single(customerId, property, minute)));
      expect(calls.filter((line) => line.startsWith('GET')).length).toBeLessThanOrEqual(1);
    }
    expect(customer).toEqual(addressOf(customer));
    for (const patch of patchesOf(stack, customerId)) {
      expect(Object.keys((patch as { PrimaryAddress: object }).PrimaryAddress)).toHaveLength(6);
    }
  });

  test('at the same time: none is lost', async () => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    await Promise.all(
      (['City', 'PostalCode', 'Street1'] as const).map((property, minute) =>
        send(stack, single(customerId, property, minute)),
      ),
    );
    expect(customer).toEqual(addressOf(customer));
  });

  test('an older one changes only what nothing newer has changed', async () => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    await send(stack, single(customerId, 'City', 30));
    const older = {
      customer: { customerId },
      occurredAt: new Date(Date.now() - 3_600_000).toISOString(),
      fields: { PrimaryAddress: { ...after, City: 'Orem', Street2: 'Suite 1' } },
    };
    expect(await send(stack, older)).toMatchObject({ status: 'applied', dropped: ['PrimaryAddress.City'] });
    expect(customer.PrimaryAddress).toMatchObject({ ...after, City: 'Lehi', Street2: 'Suite 1' });
  });
});

describe('what may be completed', () => {
  const partial = (customer: Customer, PrimaryAddress: Partial<typeof before>) =>
    send(stack, { customer: { customerId: String(customer.CustomerId) }, fields: { PrimaryAddress } });

  test.each([
    ['another region', { Region: 'NV' }],
    ['another country', { CountryCode: 'CA' }],
    ['another region and city', { Region: 'NV', City: 'Reno', PostalCode: '89501' }],
  ])('%s is not mixed with the old street: parked, with what is missing', async (_, address) => {
    const customer = someone(stack);
    const outcome = await partial(customer, address);
    expect(outcome).toMatchObject({ status: 'parked', reason: 'address-incomplete' });
    const paths = outcome.violations.map(({ path }) => path);
    expect(paths).toContain('PrimaryAddress.Street1');
    expect(paths).not.toContain('PrimaryAddress.Street2');
    expect(customer.PrimaryAddress).toMatchObject(before);
  });

  test('a move that brings all but the second line empties the second line', async () => {
    const customer = someone(stack);
    const { Street2: _, ...moved } = {
      ...before,
      Street1: '1 Virginia St',
      City: 'Reno',
      Region: 'NV',
      PostalCode: '89501',
    };
    expect(await partial(customer, moved)).toMatchObject({ status: 'applied' });
    expect(customer.PrimaryAddress).toMatchObject({ ...moved, Street2: '' });
  });

  test('the same region in other letter case is no move', async () => {
    const customer = someone(stack);
    expect(await partial(customer, { Region: 'ut', City: 'Lehi' })).toMatchObject({ status: 'applied' });
    expect(customer.PrimaryAddress).toMatchObject({ Street1: before.Street1, City: 'Lehi' });
  });

  test('what DirectScale does not hold either is named', async () => {
    const customer = someone(stack);
    Object.assign(customer.PrimaryAddress, { PostalCode: '', Region: '' });
    const outcome = await partial(customer, { City: 'Lehi' });
    expect(outcome.violations.map(({ path }) => path)).toEqual([
      'PrimaryAddress.Region',
      'PrimaryAddress.PostalCode',
    ]);
    expect(await partial(customer, { Region: 'UT', PostalCode: '84043' })).toMatchObject({
      status: 'applied',
    });
  });

  test('the direct route completes, too, and says what is missing', async () => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    const done = await patchCustomer(stack, customerId, { DefaultShippingAddress: { City: 'Lehi' } });
    expect(done.status).toBe(200);
    expect(patchesOf(stack, customerId)).toEqual([{ DefaultShippingAddress: { ...before, City: 'Lehi' } }]);
    const refused = await patchCustomer(stack, customerId, { PrimaryAddress: { CountryCode: 'DE' } });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({
      code: 'address-incomplete',
      violations: [
        { path: 'PrimaryAddress.Street1' },
        { path: 'PrimaryAddress.City' },
        { path: 'PrimaryAddress.Region' },
        { path: 'PrimaryAddress.PostalCode' },
      ],
    });
  });

  test('while the customer cannot be read, the change waits', async () => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    stack.sandbox.fault({ match: { method: 'GET', customerId }, times: 1, status: 503 });
    const refused = await patchCustomer(stack, customerId, { PrimaryAddress: { City: 'Lehi' } });
    expect(refused.status).toBe(503);
    expect(patchesOf(stack, customerId)).toEqual([]);
    expect((await patchCustomer(stack, customerId, { PrimaryAddress: { City: 'Lehi' } })).status).toBe(200);
  });
});

describe('the first change of a customer', () => {
  test('with what DirectScale holds already makes no PATCH', async () => {
    const customer = someone(stack, {
      PrimaryPhone: '(801) 555-0142',
      BirthDate: '1990-05-01T00:00:00Z',
      LanguageCode: 'EN',
    });
    const customerId = String(customer.CustomerId);
    const fields = {
      FirstName: customer.FirstName,
      PrimaryPhone: '801 555 0142',
      BirthDate: '1990-05-01',
      LanguageCode: 'en',
      SecondaryPhone: customer.SecondaryPhone,
      PrimaryAddress: { ...before, CountryCode: 'us' },
    };
    const calls = await callsDuring(stack, async () => {
      expect(await send(stack, { customer: { customerId }, fields })).toMatchObject({ status: 'unchanged' });
    });
    expect(calls).toEqual([`GET /v1/customers/${customerId}`]);
    const again = await callsDuring(stack, () => send(stack, { customer: { customerId }, fields }));
    expect(again).toEqual([]);
  });

  test('sends what differs, and of custom fields only those, with the ones that are there', async () => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    stack.sandbox.customFields.set(customerId, { Field1: 'gold', Field2: 'kept' });
    const fields = {
      FirstName: customer.FirstName,
      LastName: 'New',
      AssociateCustom: { Field1: 'gold', Field3: 'x' },
    };
    expect(await send(stack, { customer: { customerId }, fields })).toMatchObject({
      status: 'applied',
      dropped: ['FirstName', 'AssociateCustom.Field1'],
    });
    expect(patchesOf(stack, customerId)).toEqual([
      { LastName: 'New', AssociateCustom: { Field1: 'gold', Field2: 'kept', Field3: 'x' } },
    ]);
  });

  test('is written all the same when the customer can only be written, not read', async () => {
    const customerId = String(someone(stack).CustomerId);
    stack.sandbox.fault({ match: { method: 'GET', customerId }, status: 404 });
    expect(await send(stack, { customer: { customerId }, fields: { FirstName: 'Blind' } })).toMatchObject({
      status: 'applied',
    });
    stack.sandbox.clearFaults();
  });

  test('always writes the dangerous fields: what is read need not be what is written', async () => {
    const customer = someone(stack);
    const customerId = String(customer.CustomerId);
    const fields = { CustomerType: customer.CustomerType };
    expect(await send(stack, { customer: { customerId }, fields })).toMatchObject({ status: 'applied' });
  });
});
