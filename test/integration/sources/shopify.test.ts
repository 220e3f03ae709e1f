import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariaAsShopper, mariasAddresses } from '../../fixtures/maria.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('shopify');

/** A fixture, its digits untouched, as if it had been sent for this customer just now, for another record each time. */
async function sample(name: string): Promise<string> {
  const text = await readFile(`test/fixtures/shopify/${name}.json`, 'utf8');
  return text
    .replace(/"value": "?10542"?/, `"value": "${relay.customerId}"`)
    .replace('directscale:10542', `directscale:${relay.customerId}`)
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
  return relay.post(source, body, {
    'X-Shopify-Topic': topic,
    'X-Shopify-Hmac-Sha256': signatureOf(body, secret),
    'X-Shopify-Shop-Domain': 'jensen-wellness.myshopify.com',
    'X-Shopify-API-Version': '2026-07',
    'X-Shopify-Webhook-Id': randomUUID(),
    'X-Shopify-Triggered-At': new Date().toISOString(),
    'X-Shopify-Event-Id': randomUUID(),
    ...headers,
  });
}

const fields = { ...mariaAsShopper, ...mariasAddresses };

test('every field that the docs page lists arrives', async () => {
  const response = await post(await sample('customers-update.all-metafields'));
  expect(await relay.outcomeOf(response)).toMatchObject({ status: 'applied', topic: 'customers/update' });
  const patch = { ...maria, ...mariasAddresses, AssociateCustom: { Field1: 'gold', Field7: 'blue' } };
  expect(relay.patches()).toMatchObject([patch]);
  const page = await readFile('docs/sources/shopify.md', 'utf8');
  for (const field of Object.keys(patch)) expect(page).toContain(`\`${field}\``);
});

test.each([
  ['customers/create', 'customers-create.2024-10'],
  ['customers/update', 'customers-update.tag'],
  ['customers/update', 'customers-update.large-id'],
])('%s, %s', async (topic, name) => {
  const body = await sample(name);
  expect(await relay.outcomeOf(await post(body, { topic }))).toMatchObject({ status: 'applied', topic });
  expect(relay.patches()).toEqual([fields]);
});

test('two subscriptions to one event, or one delivery sent again: one change', async () => {
  const body = await sample('customers-update');
  const event = { 'X-Shopify-Event-Id': randomUUID() };
  const first = await post(body, { headers: event });
  await relay.outcomeOf(first);
  const second = await post(body, { headers: event });
  expect(await relay.deliveryIdOf(second)).toBe(await relay.deliveryIdOf(first));
  await relay.outcomeOf(second);
  expect(relay.patches()).toHaveLength(1);
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
  expect(relay.sandbox.history).toEqual([]);
});

test.each([
  ['a time of its own', (body: string) => body],
  ['no time', (body: string) => body.replace(/"updated_at": "[^"]*",/, '')],
])(
  'headers are not signed: an old body with %s, under a new time, event and topic, changes nothing',
  async (_, cut) => {
    const old = cut(await sample('customers-update'));
    const { deliveryId } = await relay.outcomeOf(await post(old));
    const newer = cut(await sample('customers-update')).replace(
      '"first_name": "Maria"',
      '"first_name": "Maja"',
    );
    await relay.outcomeOf(await post(newer));
    for (const topic of ['customers/update', 'customers/create']) {
      const again = await relay.outcomeOf(await post(old, { topic }));
      expect(again.deliveryId).toBe(deliveryId);
    }
    expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({ FirstName: 'Maja' });
  },
);

test.each([
  ['customers/delete', 'customers-delete'],
  ['customers/redact', 'customers-redact'],
  ['customers/data_request', 'customers-data-request'],
  ['customers/merge', 'customers-merge'],
])('%s is parked for a person', async (topic, name) => {
  const response = await post(await sample(name), { topic });
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'parked',
    topic,
    changes: [{ status: 'parked', reason: 'for-a-person' }],
  });
  expect(relay.sandbox.history).toEqual([]);
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
  expect(relay.sandbox.history).toEqual([]);
});

test('without a DirectScale id: parked, unless the source may look up by e-mail address', async () => {
  const customer = relay.sandbox.customers.get(relay.customerId);
  const body = JSON.stringify({
    id: Number(relay.customerId),
    first_name: 'Maria',
    email: customer?.EmailAddress,
    updated_at: new Date().toISOString(),
  });
  const parked = await relay.outcomeOf(await post(body));
  expect(parked).toMatchObject({ status: 'parked', changes: [{ reason: 'customer-not-found' }] });
  const found = await relay.outcomeOf(await post(body, { source: 'shopify-by-email' }));
  expect(found).toMatchObject({ status: 'applied', changes: [{ customerId: relay.customerId }] });
  expect(relay.patches()).toMatchObject([{ FirstName: 'Maria' }]);
});

test('a signed body that is no customer: 400', async () => {
  for (const body of ['', '[]', '{"id":1']) expect((await post(body)).status).toBe(400);
});
