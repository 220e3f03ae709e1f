import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { fieldNames } from '../../src/domain/customer-patch.ts';
import { functionKey, patchesOf, postCanonical, postShopify, startRelay } from './relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());
beforeEach(() => stack.sandbox.reset());

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

test.each(fieldNames)(
  '%s reaches DirectScale from the canonical source, and nothing else does',
  async (field) => {
    const response = await postCanonical(stack, {
      customer: { customerId: '10542' },
      occurredAt: '2026-11-20T21:03:22Z',
      fields: { [field]: values[field] },
    });
    expect(await response.json()).toMatchObject({ changes: [{ outcome: 'applied', fields: [field] }] });
    expect(patchesOf(stack, '10542')).toEqual([{ [field]: values[field] }]);
  },
);

test('a null is not sent', async () => {
  await postCanonical(stack, {
    customer: { customerId: 10542 },
    fields: { FirstName: 'Maria', LastName: null },
  });
  expect(patchesOf(stack, '10542')).toEqual([{ FirstName: 'Maria' }]);
});

test('Shopify: the patch holds what the payload gives and no more', async () => {
  const sample = JSON.parse(await readFile('test/fixtures/shopify/customers-update.json', 'utf8'));
  const only = {
    updated_at: sample.updated_at,
    first_name: 'Maja',
    metafields: sample.metafields,
  };
  await postShopify(stack, JSON.stringify(only));
  expect(patchesOf(stack, '10542')).toEqual([{ FirstName: 'Maja' }]);
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
