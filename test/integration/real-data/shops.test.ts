import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { localSecret } from '../../../local/sender.ts';
import { newCustomer, patchesOf } from '../relay-under-test.ts';
import { type RelayWithVendors, startRelayWithVendors } from './relay-with-vendors.ts';

const object = z.record(z.string(), z.unknown());

/** Bodies as shops send them, what DirectScale holds, and what it gets of each customer. */
const cases = z
  .array(
    z.strictObject({
      id: z.string(),
      fault: z.string(),
      source: z.string(),
      body: z.union([z.string(), object, z.array(object)]),
      customerInBigCommerce: object.optional(),
      held: object.optional(),
      signedAsAWhole: z.literal(true).optional(),
      customers: z.record(z.string(), z.strictObject({ written: object, told: z.array(z.string()) })),
    }),
  )
  .parse(JSON.parse(await readFile('test/fixtures/real-data/shops.json', 'utf8')));

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors();
});
afterAll(() => relay?.stop());

/** The customer of a body: it has an id of its own. */
function addCustomer(id: string, held: object = {}): void {
  const made = newCustomer(relay);
  const customer = relay.sandbox.customers.get(made);
  if (!customer) throw new Error(`no customer ${made}`);
  Object.assign(customer.PrimaryAddress, held);
  Object.assign(customer.DefaultShippingAddress, held);
  relay.sandbox.customers.set(id, { ...customer, CustomerId: Number(id) });
}

test.each(cases)('$id, $source: $fault', async ({ source, body, customers, ...given }) => {
  for (const id of Object.keys(customers)) addCustomer(id, given.held);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const customer = given.customerInBigCommerce;
  const signature = createHmac('sha1', localSecret(`${source}-secret`))
    .update(text)
    .digest('hex');
  const { changes } = await relay.follow(
    source,
    {
      body: text,
      ...(given.signedAsAWhole && { headers: { 'X-Signature': signature } }),
      ...(customer && {
        records: { [`/stores/abc123xyz/v3/customers?id:in=${customer.id}`]: { data: [customer] } },
      }),
    },
    '',
  );
  const became = Object.fromEntries(
    changes.map(({ customerId = '', status, leftOut = [] }) => [
      customerId,
      { status, written: patchesOf(relay, customerId), told: leftOut.map(({ path }) => path) },
    ]),
  );
  const expected = Object.entries(customers).map(([one, { written, told }]) => [
    one,
    { status: 'applied', written: [written], told },
  ]);
  expect(became).toEqual(Object.fromEntries(expected));
});
