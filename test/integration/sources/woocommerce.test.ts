import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariasAddress, mariasShippingAddress } from '../../fixtures/maria.ts';
import { newCustomer } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('woocommerce');

const fixture = (name: string) => readFile(`test/fixtures/woocommerce/${name}`, 'utf8');

/** The time of a record `ahead` seconds from now, as WooCommerce writes it: UTC without a zone, whole seconds. */
const gmt = (ahead = 0) => new Date(Date.now() + ahead * 1000).toISOString().slice(0, 19);

/** The sample as if this customer had been saved just now. */
async function sample(changes: object = {}): Promise<string> {
  const { customerId } = relay;
  const customer = JSON.parse((await fixture('customer-updated.json')).replace('"10542"', `"${customerId}"`));
  return JSON.stringify({ ...customer, id: Number(customerId), date_modified_gmt: gmt(), ...changes });
}

interface Sending {
  readonly topic?: string;
  readonly secret?: string;
  readonly source?: string;
  readonly signature?: string;
  readonly deliveryId?: string;
}

const signatureOf = (body: string, secret = localSecret('woocommerce-webhook-secret')) =>
  createHmac('sha256', secret).update(body).digest('base64');

function post(body: string, sending: Sending = {}): Promise<Response> {
  const { topic = 'customer.updated', source = 'woocommerce', secret } = sending;
  return relay.post(source, body, {
    'User-Agent': 'WooCommerce/10.3.0 Hookshot (WordPress/6.8)',
    'X-WC-Webhook-Source': 'https://shop.example.com/',
    'X-WC-Webhook-Topic': topic,
    'X-WC-Webhook-ID': '142',
    // Of one second: WooCommerce gives the same to everything that it sends within it.
    'X-WC-Webhook-Delivery-ID': sending.deliveryId ?? '5e0b3f5a8d1c4e7f9a2b6c8d0e1f2a3b',
    'X-WC-Webhook-Signature': sending.signature ?? signatureOf(body, secret),
  });
}

test('a signed customer is accepted, and her fields arrive', async () => {
  const response = await post(await sample());
  expect(response.status).toBe(202);
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'applied',
    topic: 'customer.updated',
    changes: [{ customerId: relay.customerId, status: 'applied' }],
  });
  expect(relay.patches()).toEqual([
    {
      ...maria,
      PrimaryAddress: mariasAddress,
      DefaultShippingAddress: mariasShippingAddress,
      AssociateCustom: expect.objectContaining({ Field1: 'gold', Field7: 'blue' }),
    },
  ]);
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({ FirstName: 'Maria' });
});

test('a new customer is written, too', async () => {
  const outcome = await relay.outcomeOf(await post(await sample(), { topic: 'customer.created' }));
  expect(outcome).toMatchObject({ status: 'applied', topic: 'customer.created' });
});

test('one delivery id for two customers of one second: both are written', async () => {
  const other = newCustomer(relay);
  const first = await sample();
  const second = first.replaceAll(relay.customerId, other);
  const responses = [await post(first), await post(second)];
  for (const response of responses) expect((await relay.outcomeOf(response)).status).toBe('applied');
  expect(relay.patches()).toHaveLength(1);
  expect(relay.patches(other)).toHaveLength(1);
});

test('what is sent twice for one edit is written once; a value that comes back is a change of its own', async () => {
  const saved = ['Ann', 'Bea', 'Ann'].map((first_name, n) => ({ first_name, date_modified_gmt: gmt(n) }));
  for (const changes of saved) {
    const body = await sample(changes);
    const first = await post(body);
    await relay.outcomeOf(first);
    const second = await post(body);
    expect(await relay.deliveryIdOf(second)).toBe(await relay.deliveryIdOf(first));
    await relay.outcomeOf(second);
  }
  expect(relay.patches()).toMatchObject([{ FirstName: 'Ann' }, { FirstName: 'Bea' }, { FirstName: 'Ann' }]);
  expect(relay.patches()).toHaveLength(3);
});

test('order is by the time of the record: an older body that comes late changes nothing', async () => {
  const older = await sample({ first_name: 'Older', date_modified_gmt: gmt(-60) });
  await relay.outcomeOf(await post(await sample({ first_name: 'Newer' })));
  expect(await relay.outcomeOf(await post(older))).toMatchObject({ status: 'stale' });
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({ FirstName: 'Newer' });
});

test('a recorded body without a time, sent again under other ids: never over a value that has one, else once', async () => {
  const { date_modified_gmt: _, ...recorded } = JSON.parse(await sample({ first_name: 'Recorded' }));
  const body = JSON.stringify(recorded);
  const first = await post(body);
  expect(await relay.outcomeOf(first)).toMatchObject({ status: 'applied' });
  expect(await relay.deliveryIdOf(await post(body, { deliveryId: 'another' }))).toBe(
    await relay.deliveryIdOf(first),
  );
  await relay.outcomeOf(await post(await sample({ first_name: 'Newer', date_modified_gmt: gmt(-60) })));
  // As if its first receipt had been forgotten: with one more byte, and signed anew, it says the same.
  const again = await relay.outcomeOf(await post(`${body} `, { deliveryId: 'a third' }));
  expect(again).toMatchObject({
    status: 'stale',
    changes: [{ attempts: [{ reason: 'no-time-of-its-own' }] }],
  });
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({ FirstName: 'Newer' });
});

test('where no change has a time, they are applied in the order of receipt', async () => {
  for (const first_name of ['Ann', 'Bea', 'Cleo']) {
    const { date_modified_gmt: _, ...untimed } = JSON.parse(await sample({ first_name }));
    expect(await relay.outcomeOf(await post(JSON.stringify(untimed)))).toMatchObject({ status: 'applied' });
  }
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({ FirstName: 'Cleo' });
});

test('both secrets of a rotation are accepted', async () => {
  const secret = localSecret('woocommerce-webhook-secret-next');
  expect((await post(await sample(), { secret })).status).toBe(202);
});

test('what is not authentic is refused, and nothing is called', async () => {
  const body = await sample();
  const signature = signatureOf(body);
  const flipped = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
  const refused = [
    await post(body.replace('Maria', 'Marie'), { signature }),
    await post(`${body}\n`, { signature }),
    await post(body, { signature: flipped }),
    await post(body, { signature: '' }),
    await post(body, { secret: localSecret('another') }),
    await post('webhook_id=142&x=1', { signature: '' }),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(relay.sandbox.history).toEqual([]);
});

test('the ping on saving the webhook, unsigned, is answered with exactly 200', async () => {
  const response = await relay.post('woocommerce', await fixture('ping.txt'), {
    'Content-Type': 'application/x-www-form-urlencoded',
    'User-Agent': 'WooCommerce/10.3.0 Hookshot (WordPress/6.8)',
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('location')).toBeNull();
  expect(await response.text()).toBe('');
});

test.each([
  ['customer.deleted', 'customer-deleted.json', 'customer 318 was deleted in WooCommerce'],
  [
    'customer.updated',
    'customer-updated.error.json',
    'WooCommerce sent an error instead of a customer: woocommerce_rest_cannot_view',
  ],
  [
    'customer.updated',
    'customer-updated.legacy-v3.json',
    'the form of the Legacy API v3: set the webhook to WP REST API Integration v3',
  ],
])('%s with %s is parked for a person', async (topic, name, note) => {
  const response = await post(await fixture(name), { topic });
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'parked',
    topic,
    changes: [{ status: 'parked', reason: 'for-a-person', note }],
  });
  expect(relay.sandbox.history).toEqual([]);
});

test.each([
  ['order.updated', 'woocommerce', {}],
  ['product.created', 'woocommerce', {}],
  ['action.woocommerce_add_to_cart', 'woocommerce', {}],
  ['customer.updated', 'woocommerce-customers', { role: 'administrator' }],
])('%s at %s with %o is recorded as ignored', async (topic, source, changes) => {
  const response = await post(await sample(changes), { topic, source });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'ignored', topic, changes: [{ status: 'ignored' }] });
  expect(relay.sandbox.history).toEqual([]);
});

test('without a DirectScale id: parked, unless the source may look up by e-mail address', async () => {
  const email = relay.sandbox.customers.get(relay.customerId)?.EmailAddress;
  const body = await sample({ email, meta_data: [] });
  const parked = await relay.outcomeOf(await post(body));
  expect(parked).toMatchObject({ status: 'parked', changes: [{ reason: 'customer-not-found' }] });
  const found = await relay.outcomeOf(await post(body, { source: 'woocommerce-customers' }));
  expect(found).toMatchObject({ status: 'applied', changes: [{ customerId: relay.customerId }] });
});

test('a signed body that is not JSON: 400', async () => {
  for (const body of ['{"id":1', 'id=1']) expect((await post(body)).status).toBe(400);
});
