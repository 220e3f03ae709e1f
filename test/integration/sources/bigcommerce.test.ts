import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import customersSample from '../../fixtures/bigcommerce/customers.response.json' with { type: 'json' };
import { mariaAsShopper, mariasAddresses } from '../../fixtures/maria.ts';
import { type DeliveryReport, newCustomer } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

const [sample] = customersSample.data;
const [lehi] = sample?.addresses ?? [];

/** BigCommerce's API: the customers of the store by id, the statuses to come before them, and which were asked for. */
const shoppers = new Map<string, object>();
const failures: number[] = [];
let asked: string[] = [];
const token = 'a-token-for-tests';

const relay = relayFor('bigcommerce', (response, { url, headers }) => {
  const [, id = ''] = /^\/stores\/abc123xyz\/v3\/customers\?id:in=(\d+)&include=/.exec(url) ?? [];
  asked.push(id);
  const status = headers['x-auth-token'] === token ? (failures.shift() ?? (id ? 200 : 404)) : 401;
  const shopper = shoppers.get(id);
  response.writeHead(status).end(JSON.stringify(status === 200 ? { data: shopper ? [shopper] : [] } : {}));
});
beforeAll(() => relay.vault.set('bigcommerce-access-token', token));
beforeEach(() => {
  shoppers.clear();
  failures.length = 0;
  asked = [];
});

let lastShopper = 100;

/** A customer of the store, modified just now, and the customer of DirectScale that she is. */
function newShopper(changes: object = {}): { shopper: string; customerId: string } {
  const shopper = String(++lastShopper);
  const customerId = newCustomer(relay);
  save(shopper, { attributes: [{ attribute_id: 4, attribute_value: customerId }], ...changes });
  return { shopper, customerId };
}

/** What the store now holds of a customer: the sample with these changes to what it held. */
function save(shopper: string, changes: object = {}): void {
  const held = shoppers.get(shopper) ?? { ...sample, id: Number(shopper) };
  shoppers.set(shopper, { ...held, date_modified: new Date().toISOString(), ...changes });
}

const now = () => Math.floor(Date.now() / 1000);

const event = (scope: string, shopper: string, changes: object = {}) =>
  JSON.stringify({
    created_at: now() + 1,
    store_id: '1025646',
    producer: 'stores/abc123xyz',
    scope: `store/customer/${scope}`,
    hash: '352e4afc6dd3fc85ea26bfdf3f91852604d57528',
    data: scope.startsWith('address/')
      ? { type: 'customer', id: 60, address: { customer_id: Number(shopper) } }
      : { type: 'customer', id: Number(shopper) },
    ...changes,
  });

/** Posts as a hook with a header of its own; `headers` in its place. */
function post(body: string, headers: Record<string, string> = secretHeader()): Promise<Response> {
  return relay.post('bigcommerce', body, headers);
}

function secretHeader(name = 'bigcommerce-header-secret'): Record<string, string> {
  return { 'X-Shop-Secret': localSecret(name) };
}

interface Signing {
  readonly secret?: string;
  readonly id?: string;
  /** Unix seconds. */
  readonly time?: number;
}

/** Signed by the reference library, as in the vendor's sample: it decodes the key that it is given. */
function signed(body: string, signing: Signing = {}): Record<string, string> {
  const {
    secret = localSecret('bigcommerce-client-secret'),
    id = `msg_${randomUUID()}`,
    time = now(),
  } = signing;
  const webhook = new Webhook(Buffer.from(secret).toString('base64'));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(time),
    'webhook-signature': webhook.sign(id, new Date(time * 1000), body),
  };
}

function postSigned(body: string, headers: Record<string, string> = signed(body)): Promise<Response> {
  return relay.post('bigcommerce-signed', body, headers);
}

/** What became of a delivery, once nothing of it is pending. BigCommerce is answered 200 in any case. */
async function outcomeOf(response: Response): Promise<DeliveryReport> {
  expect(response.status).toBe(200);
  return relay.reportOf(response);
}

describe('an event', () => {
  test('of a new customer: all her fields arrive; the answer is 200 without a body', async () => {
    const { shopper, customerId } = newShopper();
    const response = await post(event('created', shopper));
    expect(response.status).toBe(200);
    expect(response.headers.get('location')).toContain('/api/deliveries/');
    expect(await outcomeOf(response)).toMatchObject({
      status: 'applied',
      topic: 'store/customer/created',
      changes: [{ customerId, status: 'applied' }],
    });
    expect(asked).toEqual([shopper]);
    expect(relay.patches(customerId)).toEqual([{ ...mariaAsShopper, ...mariasAddresses }]);
  });

  test('of a changed customer: her own fields; of a changed address: the address', async () => {
    const { shopper, customerId } = newShopper();
    await outcomeOf(await post(event('updated', shopper)));
    await outcomeOf(await post(event('address/updated', shopper)));
    expect(relay.patches(customerId)).toEqual([mariaAsShopper, mariasAddresses]);
  });

  test('of an address that was created, in either way of signing', async () => {
    const { shopper, customerId } = newShopper();
    expect((await outcomeOf(await postSigned(event('address/created', shopper)))).status).toBe('applied');
    expect(relay.patches(customerId)).toMatchObject([{ PrimaryAddress: { City: 'Lehi' } }]);
  });

  test('two edits within a second, the same body twice: both are looked at', async () => {
    const { shopper, customerId } = newShopper();
    const body = event('updated', shopper);
    await outcomeOf(await post(body));
    save(shopper, { first_name: 'Mia' });
    await outcomeOf(await post(body));
    expect(relay.patches(customerId)).toMatchObject([{ FirstName: 'Maria' }, { FirstName: 'Mia' }]);
    // The same once more, as when a hook fires twice: nothing is written.
    expect((await outcomeOf(await post(body))).status).toBe('unchanged');
    expect(relay.patches(customerId)).toHaveLength(2);
  });

  test('that is sent again under its webhook-id does nothing', async () => {
    const { shopper, customerId } = newShopper();
    const body = event('updated', shopper);
    const id = `msg_${randomUUID()}`;
    const first = await postSigned(body, signed(body, { id }));
    await outcomeOf(first);
    const second = await postSigned(body, signed(body, { id, time: now() - 5 }));
    expect(await relay.deliveryIdOf(second)).toBe(await relay.deliveryIdOf(first));
    await outcomeOf(second);
    expect(asked).toEqual([shopper]);
    expect(relay.patches(customerId)).toHaveLength(1);
  });

  test('waits for BigCommerce, and reads the customer again', async () => {
    const { shopper, customerId } = newShopper();
    failures.push(503, 429);
    const { changes } = await outcomeOf(await post(event('updated', shopper)));
    expect(changes[0]?.attempts).toMatchObject([
      { outcome: 'unavailable', reason: 'vendor-unavailable', status: 503 },
      { outcome: 'unavailable', status: 429 },
      { outcome: 'applied' },
    ]);
    expect(relay.patches(customerId)).toEqual([mariaAsShopper]);
  });

  test('about a customer who is gone ends as ignored', async () => {
    expect(await outcomeOf(await post(event('updated', '7')))).toMatchObject({
      changes: [{ status: 'ignored', reason: 'the record is gone' }],
    });
  });

  test('is parked with the reason: no DirectScale id, half an address, several addresses', async () => {
    const nobody = newShopper({ attributes: [], attribute_count: 0 });
    const half = newShopper({ addresses: [{ ...lehi, postal_code: '' }] });
    const several = newShopper({ addresses: [lehi, { ...lehi, id: 61 }] });
    const outcomes = [
      await outcomeOf(await post(event('updated', nobody.shopper))),
      await outcomeOf(await post(event('address/updated', half.shopper))),
      await outcomeOf(await post(event('address/updated', several.shopper))),
    ];
    expect(outcomes.flatMap(({ changes }) => changes)).toMatchObject([
      { status: 'parked', reason: 'customer-not-found', recordId: nobody.shopper },
      {
        status: 'parked',
        reason: 'address-incomplete',
        violations: [{ path: 'PrimaryAddress.PostalCode' }, {}],
      },
      { status: 'parked', reason: 'for-a-person', note: expect.stringContaining('severalAddresses') },
    ]);
    expect(relay.sandbox.history.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  test.each([
    ['deleted', 'customer 32 was deleted in BigCommerce'],
    ['address/deleted', 'address 60 of customer 32 was deleted in BigCommerce'],
  ])('%s is parked for a person, and nobody is asked', async (scope, note) => {
    expect(await outcomeOf(await post(event(scope, '32')))).toMatchObject({
      status: 'parked',
      changes: [{ status: 'parked', reason: 'for-a-person', note }],
    });
    expect(asked).toEqual([]);
    expect(relay.sandbox.history).toEqual([]);
  });

  test.each([
    ['an order', { scope: 'store/order/created' }],
    ['a payment instrument', { scope: 'store/customer/payment/instrument/default/updated' }],
    ['another store', { producer: 'stores/another' }],
  ])('about %s is recorded as ignored, and nobody is asked', async (_, changes) => {
    expect(await outcomeOf(await post(event('updated', '32', changes)))).toMatchObject({
      status: 'ignored',
      changes: [{ status: 'ignored' }],
    });
    expect(asked).toEqual([]);
  });

  test('an authentic body that is no event: 400', async () => {
    for (const body of ['{}', '[]', '{"scope":1']) expect((await post(body)).status).toBe(400);
  });
});

describe('what is not authentic is refused, and nobody is asked:', () => {
  const statusesOf = async (requests: Promise<Response>[]) =>
    (await Promise.all(requests)).map(({ status }) => status);

  test('without the secret in its header', async () => {
    const body = event('updated', newShopper().shopper);
    const secret = localSecret('bigcommerce-header-secret');
    const flipped = secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const statuses = await statusesOf([
      post(body, {}),
      post(body, { 'X-Shop-Secret': '' }),
      post(body, { 'X-Shop-Secret': flipped }),
      post(body, { 'X-Relay-Key': secret }),
      post(body, { Authorization: `Bearer ${secret}` }),
      post(body, signed(body, { secret })),
    ]);
    expect(statuses).toEqual(statuses.map(() => 401));
    expect(asked).toEqual([]);
  });

  test('without a signature of these bytes, this id and this time', async () => {
    const body = event('updated', newShopper().shopper);
    const right = signed(body);
    const statuses = await statusesOf([
      postSigned(body, {}),
      postSigned(body.replace('updated', 'created'), right),
      postSigned(body, { ...right, 'webhook-id': 'msg_2' }),
      postSigned(body, { ...right, 'webhook-timestamp': String(now() + 1) }),
      postSigned(body, { ...right, 'webhook-signature': 'v1,AAAA' }),
      postSigned(body, signed(body, { secret: 'another' })),
      postSigned(body, signed(body, { time: now() - 330 })),
      postSigned(body, signed(body, { time: now() + 330 })),
      postSigned(body, { 'X-Relay-Key': localSecret('bigcommerce-client-secret') }),
    ]);
    expect(statuses).toEqual(statuses.map(() => 401));
    expect(asked).toEqual([]);
  });
});

test('the second secret of a rotation is accepted, in either way', async () => {
  const { shopper } = newShopper();
  const body = event('updated', shopper);
  const byHeader = await post(body, secretHeader('bigcommerce-header-secret-next'));
  expect((await outcomeOf(byHeader)).status).toBe('applied');
  const secret = localSecret('bigcommerce-client-secret-next');
  const bySignature = await postSigned(body, signed(body, { secret }));
  // What the other source wrote already.
  expect((await outcomeOf(bySignature)).status).toBe('unchanged');
});
