import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { untilNothingIsPending } from '../operator.ts';
import { functionKey, newCustomer, outcomeOf, patchesOf, quickRetries } from '../relay-under-test.ts';

let stack: Stack;
let customerId: string;

beforeAll(async () => {
  const relayConfig = 'test/integration/sources/shopify.relay.json';
  stack = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
});
afterAll(() => stack?.stop());
beforeEach(() => {
  stack.sandbox.reset();
  customerId = newCustomer(stack);
});
// What one test sent must not reach the sandbox during the next.
afterEach(() => untilNothingIsPending(stack.host.url));

/** A fixture, its digits untouched, as if it had been sent for this customer just now, for another record each time. */
async function sample(name: string): Promise<string> {
  const text = await readFile(`test/fixtures/shopify/${name}.json`, 'utf8');
  return text
    .replace(/"value": "?10542"?/, `"value": "${customerId}"`)
    .replace('directscale:10542', `directscale:${customerId}`)
    .replace(/"updated_at": "[^"]+"/, `"updated_at": "${new Date().toISOString()}"`);
}

interface Sending {
  readonly topic?: string;
  readonly secret?: string;
  readonly source?: string;
  readonly headers?: Record<string, string>;
}

const signatureOf = (body: string | Buffer, secret = localSecret('shopify-webhook-secret')) =>
  createHmac('sha256', secret).update(body).digest('base64');

function post(body: string | Buffer<ArrayBuffer>, sending: Sending = {}): Promise<Response> {
  const { topic = 'customers/update', source = 'shopify', secret, headers } = sending;
  return fetch(`${stack.host.url}/api/webhooks/${source}`, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      'X-Shopify-Topic': topic,
      'X-Shopify-Hmac-Sha256': signatureOf(body, secret),
      'X-Shopify-Shop-Domain': 'jensen-wellness.myshopify.com',
      'X-Shopify-API-Version': '2026-07',
      'X-Shopify-Webhook-Id': randomUUID(),
      'X-Shopify-Triggered-At': new Date().toISOString(),
      'X-Shopify-Event-Id': randomUUID(),
      ...headers,
    },
  });
}

const address = {
  Street1: '2600 Executive Pkwy',
  Street2: 'Suite 400',
  City: 'Lehi',
  Region: 'UT',
  PostalCode: '84043',
  CountryCode: 'US',
};
const fields = {
  FirstName: 'Maria',
  LastName: 'Jensen',
  EmailAddress: 'maria.jensen@example.com',
  PrimaryPhone: '+18015550142',
  CompanyName: 'Jensen Wellness LLC',
  PrimaryAddress: address,
  DefaultShippingAddress: address,
};

test('every field that the docs page lists arrives', async () => {
  const response = await post(await sample('customers-update.all-metafields'));
  expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied', topic: 'customers/update' });
  const patch = {
    ...fields,
    BirthDate: '1990-05-01T00:00:00',
    TaxId: '123456789',
    LanguageCode: 'en',
    SecondaryPhone: '+18015550143',
    TextPhone: '+18015550144',
    AssociateCustom: { Field1: 'gold', Field7: 'blue' },
  };
  expect(patchesOf(stack, customerId)).toMatchObject([patch]);
  const page = await readFile('docs/sources/shopify.md', 'utf8');
  for (const field of Object.keys(patch)) expect(page).toContain(`\`${field}\``);
});

test.each([
  ['customers/create', 'customers-create.2024-10'],
  ['customers/update', 'customers-update.tag'],
  ['customers/update', 'customers-update.large-id'],
])('%s, %s', async (topic, name) => {
  const body = await sample(name);
  expect(await outcomeOf(stack, await post(body, { topic }))).toMatchObject({ status: 'applied', topic });
  expect(patchesOf(stack, customerId)).toEqual([fields]);
});

test('two subscriptions to one event, or one delivery sent again: one change', async () => {
  const body = await sample('customers-update');
  const event = { 'X-Shopify-Event-Id': randomUUID() };
  const first = await post(body, { headers: event });
  await outcomeOf(stack, first);
  const second = await post(body, { headers: event });
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  await outcomeOf(stack, second);
  expect(patchesOf(stack, customerId)).toHaveLength(1);
});

test('both secrets of a rotation are accepted', async () => {
  const secret = localSecret('shopify-webhook-secret-next');
  expect((await post(await sample('customers-update'), { secret })).status).toBe(202);
});

test('what is not authentic is refused, and nothing is called', async () => {
  const body = await sample('customers-update');
  const signature = signatureOf(body);
  const flipped = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
  const signed = (given: string) => ({ headers: { 'X-Shopify-Hmac-Sha256': given } });
  const refused = [
    await post(body.replace('Maria', 'Marie'), signed(signature)),
    await post(`${body}\n`, signed(signature)),
    await post(body, signed(flipped)),
    await post(body, signed('')),
    await post(body, { secret: localSecret('another') }),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(stack.sandbox.history).toEqual([]);
});

test('headers are not signed: an old body under a new time and event changes nothing', async () => {
  const old = await sample('customers-update');
  await outcomeOf(stack, await post(old));
  const newer = (await sample('customers-update')).replace('"first_name": "Maria"', '"first_name": "Maja"');
  await outcomeOf(stack, await post(newer));
  expect(await outcomeOf(stack, await post(old))).toMatchObject({ status: 'stale' });
  expect(stack.sandbox.customers.get(customerId)).toMatchObject({ FirstName: 'Maja' });
});

test.each([
  ['customers/delete', 'customers-delete'],
  ['customers/redact', 'customers-redact'],
  ['customers/data_request', 'customers-data-request'],
  ['customers/merge', 'customers-merge'],
])('%s is parked for a person', async (topic, name) => {
  const response = await post(await sample(name), { topic });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: 'parked',
    topic,
    changes: [{ status: 'parked', reason: 'for-a-person' }],
  });
  expect(stack.sandbox.history).toEqual([]);
});

test.each([
  ['customers_email_marketing_consent/update', 'customers-email-marketing-consent-update', {}],
  ['customers/enable', 'customers-update', {}],
  ['orders/create', 'customers-update', {}],
  ['customers/update', 'customers-update', { 'X-Shopify-Test': 'true' }],
])('%s with %s %o is recorded as ignored', async (topic, name, headers) => {
  const response = await post(await sample(name), { topic, headers });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'ignored', topic, changes: [{ status: 'ignored' }] });
  expect(stack.sandbox.history).toEqual([]);
});

test('without a DirectScale id: parked, unless the source may look up by e-mail address', async () => {
  const customer = stack.sandbox.customers.get(customerId);
  const body = JSON.stringify({
    id: Number(customerId),
    first_name: 'Maria',
    email: customer?.EmailAddress,
    updated_at: new Date().toISOString(),
  });
  const parked = await outcomeOf(stack, await post(body));
  expect(parked).toMatchObject({ status: 'parked', changes: [{ reason: 'customer-not-found' }] });
  const found = await outcomeOf(stack, await post(body, { source: 'shopify-by-email' }));
  expect(found).toMatchObject({ status: 'applied', changes: [{ customerId }] });
  expect(patchesOf(stack, customerId)).toMatchObject([{ FirstName: 'Maria' }]);
});

test('a signed body that is no customer: 400', async () => {
  for (const body of ['', '[]', '{"id":1']) expect((await post(body)).status).toBe(400);
});
