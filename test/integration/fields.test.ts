import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { fieldNames } from '../../src/domain/customer-patch.ts';
import {
  functionKey,
  newCustomer,
  outcomeOf,
  patchesOf,
  postCanonical,
  postShopify,
  shopifySample,
  startRelay,
} from './relay-under-test.ts';

let stack: Stack;
let customerId: string;
beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());
beforeEach(() => {
  stack.sandbox.reset();
  customerId = newCustomer(stack);
});

const address = {
  Street1: '1 Main St',
  Street2: '',
  City: 'Lehi',
  Region: 'UT',
  PostalCode: '84043',
  CountryCode: 'US',
};
const values: Record<string, unknown> = {
  WebAlias: 'maria',
  Username: 'maria.jensen',
  CustomerType: 2,
  CustomerStatus: 1,
  BirthDate: '1990-05-01T00:00:00',
  CompanyName: 'Jensen Wellness LLC',
  EmailAddress: 'maria.jensen@example.com',
  PrimaryAddress: address,
  DefaultShippingAddress: { ...address, Street2: 'Suite 400' },
  FirstName: 'Maria',
  LanguageCode: 'en',
  LastName: 'Jensen',
  PrimaryPhone: '+18015550142',
  SecondaryPhone: '',
  TaxId: '123456789',
  TextPhone: '8015550143',
  AssociateCustom: { Field1: 'gold', Field7: '' },
};

test('the table above names every field', () => {
  expect(Object.keys(values)).toEqual(fieldNames);
});

/** A custom field goes its own way. */
const pathsOf: Record<string, string[]> = {
  AssociateCustom: ['AssociateCustom.Field1', 'AssociateCustom.Field7'],
};

test.each(fieldNames)(
  '%s reaches DirectScale from the canonical source, and nothing else does',
  async (field) => {
    const response = await postCanonical(stack, {
      customer: { customerId },
      occurredAt: '2026-11-20T21:03:22Z',
      fields: { [field]: values[field] },
    });
    expect(await outcomeOf(stack, response)).toMatchObject({
      status: 'applied',
      changes: [
        {
          customerId,
          occurredAt: '2026-11-20T21:03:22.000Z',
          status: 'applied',
          fields: pathsOf[field] ?? [field],
          dropped: [],
        },
      ],
    });
    expect(patchesOf(stack, customerId)).toEqual([{ [field]: values[field] }]);
  },
);

test('a null is not sent', async () => {
  const response = await postCanonical(stack, {
    customer: { customerId: Number(customerId) },
    fields: { FirstName: 'Maria', LastName: null },
  });
  expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied' });
  expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Maria' }]);
});

test('a change that says nothing is acknowledged and ignored', async () => {
  const response = await postCanonical(stack, { customer: { customerId }, fields: { LastName: null } });
  expect(await outcomeOf(stack, response)).toMatchObject({
    status: 'ignored',
    changes: [{ status: 'ignored', reason: 'nothing of a customer changed' }],
  });
  expect(stack.sandbox.history).toHaveLength(0);
});

test('Shopify: the patch holds what the payload gives and no more', async () => {
  const { updated_at, metafields } = JSON.parse(await shopifySample(customerId));
  const response = await postShopify(stack, JSON.stringify({ updated_at, first_name: 'Maja', metafields }));
  expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied' });
  expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Maja' }]);
});

test('the preview shows the patches of a payload and sends nothing', async () => {
  const response = await fetch(`${stack.host.url}/api/preview/shopify?code=${functionKey}`, {
    method: 'POST',
    headers: { 'X-Shopify-Topic': 'customers/update' },
    body: await readFile('test/fixtures/shopify/customers-update.json'),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: 'mapped',
    changes: [{ customer: { customerId: '10542' }, fields: { FirstName: 'Maria', LastName: 'Jensen' } }],
  });
  expect(stack.sandbox.history).toHaveLength(0);
});
