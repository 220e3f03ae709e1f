import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { woocommerce } from '../../src/sources/woocommerce/woocommerce.ts';
import { maria, mariasAddress, mariasShippingAddress } from '../fixtures/maria.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keptOf, keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/woocommerce');
const request = (body: Uint8Array | string, headers: Record<string, string> = {}, method = 'POST') => ({
  method,
  url,
  headers: new Headers(headers),
  body: Buffer.from(body),
});
const context = (secrets: string[]) => ({ options: {}, keys: keysOf(secrets), now });
const fixture = (name: string) => readFile(`test/fixtures/woocommerce/${name}`, 'utf8');

describe('the signature', () => {
  const verify = (body: Uint8Array | string, signature: string, secrets: string[]) =>
    woocommerce.verify(request(body, { 'X-WC-Webhook-Signature': signature }), context(secrets));

  // WooCommerce publishes no vector. This one: openssl dgst -sha256 -hmac 'wc&secret "1"' -binary | base64
  const body = '{"id":318,"first_name":"Mar\\u00eda"}';
  const signature = 'Gq6jCKAYqqtozx9y/mcySEU1/Qo8tOEmFw5/RKPWS0M=';
  const secret = 'wc&secret "1"';

  test('is that of openssl for these bytes and this secret, and of nothing else', () => {
    expect(verify(body, signature, [secret])).toBe(true);
    expect(verify(body, signature, ['another', secret])).toBe(true);
    expect(verify(body, signature, ['another'])).toBe(false);
    expect(verify(`${body} `, signature, [secret])).toBe(false);
    expect(verify(body, signature.toLowerCase(), [secret])).toBe(false);
    expect(verify(body, '', [secret])).toBe(false);
    expect(woocommerce.verify(request(body), context([secret]))).toBe(false);
  });

  test('is keyed with what the secret reads when WordPress has put escaped characters back', () => {
    expect(verify(body, signature, ['wc&amp;secret &quot;1&quot;'])).toBe(true);
    const sign = (key: string) => createHmac('sha256', key).update(body).digest('base64');
    expect(verify(body, sign(`a'b<c>&nbsp;`), ['a&#039;b&lt;c&gt;&nbsp;'])).toBe(true);
    expect(verify(body, sign('a&amp;b'), ['a&amp;b'])).toBe(true);
    expect(verify(body, sign('a&b'), ['a&amp;amp;b'])).toBe(false);
  });

  test('that is not exactly that of these bytes is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.string({ minLength: 1 }), (bytes, text, key) => {
        const right = createHmac('sha256', key).update(bytes).digest('base64');
        expect(verify(bytes, right, [key])).toBe(true);
        const given = text.replace(/[^\x21-\x7e]/g, '');
        expect(verify(bytes, given, [key])).toBe(given === right);
        expect(verify(Buffer.concat([bytes, Buffer.from('x')]), right, [key])).toBe(false);
        for (const changed of [right.slice(1), `${right}=`, right.replace(/=+$/, '')]) {
          expect(verify(bytes, changed, [key])).toBe(false);
        }
      }),
    );
  });
});

describe('the ping on saving a webhook', () => {
  const reply = (body: string, method = 'POST') =>
    woocommerce.handshake?.(request(body, {}, method), context(['a']));

  test('is answered with exactly 200', async () => {
    expect(reply(await fixture('ping.txt'))).toEqual({ status: 200 });
  });

  test.each([
    '',
    'webhook_id=',
    'webhook_id=142&x=1',
    'webhook_id=142\n',
    'x=1&webhook_id=142',
    '{"webhook_id":142}',
    `webhook_id=${'1'.repeat(40)}`,
  ])('nothing else is a ping: %j', (body) => {
    expect(reply(body)).toBeUndefined();
  });

  test('a GET is none', () => expect(reply('webhook_id=142', 'GET')).toBeUndefined());
});

describe('what a delivery says', () => {
  const headers = {
    'X-WC-Webhook-Topic': 'customer.updated',
    'X-WC-Webhook-ID': '142',
    'X-WC-Webhook-Delivery-ID': 'd1',
  };
  const read = (body: string, more: Record<string, string> = {}, options = {}) =>
    woocommerce.read(keptBefore(request(body, { ...headers, ...more })), woocommerce.options.parse(options));
  const customer = (more: object = {}) =>
    JSON.stringify({
      id: 318,
      date_modified_gmt: '2026-11-20T21:03:22',
      email: 'maria.jensen@example.com',
      role: 'customer',
      billing: {},
      meta_data: [],
      ...more,
    });

  test.each([{}, { date_modified_gmt: null }])(
    'a change is known by its body, which is signed, whatever the headers are altered to: %j',
    (more) => {
      for (const altered of [
        { 'X-WC-Webhook-Delivery-ID': 'd2' },
        { 'X-WC-Webhook-ID': '143' },
        { 'X-WC-Webhook-Topic': 'customer.created' },
      ])
        expect(read(customer(more), altered).id).toBe(read(customer(more)).id);
    },
  );

  test('webhooks of another shop are ignored where the options name one', () => {
    const ofShop = (source: string) =>
      read(customer(), { 'X-WC-Webhook-Source': source }, { shop: 'https://shop.example.com' }).content;
    expect(ofShop('https://shop.example.com/').type).toBe('changes');
    expect(ofShop('https://Shop.example.com').type).toBe('changes');
    for (const source of ['https://other.example.com/', 'https://shop.example.com/other/', 'x', ''])
      expect(ofShop(source)).toEqual({
        type: 'ignored',
        reason: 'a webhook of another shop than options.shop',
      });
  });

  test('the id: another for another customer, time or content', () => {
    const ids = [
      read(customer()),
      read(customer({ id: 319 })),
      read(customer({ date_modified_gmt: '2026-11-20T21:03:23' })),
      read(customer({ first_name: 'Maria' })),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('the id of an error, which is the same for every customer: by the id that WooCommerce gives, too', () => {
    const body = '{"code":"x","message":"y"}';
    expect(read(body).id).toBe(read(body).id);
    expect(read(body).id).not.toBe(read(body, { 'X-WC-Webhook-Delivery-ID': 'd2' }).id);
  });

  test.each([
    ['customer.updated', 'changes'],
    ['customer.created', 'changes'],
    ['customer.deleted', 'for-a-person'],
    ['customer.restored', 'ignored'],
    ['order.updated', 'ignored'],
    ['action.woocommerce_add_to_cart', 'ignored'],
    ['', 'ignored'],
  ])('topic %j is %s', (topic, type) => {
    const delivery = read(customer(), { 'X-WC-Webhook-Topic': topic });
    expect(delivery.content.type).toBe(type);
    expect(delivery.topic).toBe(topic);
  });

  test('the customer is the payload, as it was sent', () => {
    const { content } = read(customer({ anything: [1] }));
    expect(content).toEqual({ type: 'changes', payload: JSON.parse(customer({ anything: [1] })) });
  });

  test('a deletion names the customer', async () => {
    const deleted = { 'X-WC-Webhook-Topic': 'customer.deleted' };
    const reason = (body: string) => read(body, deleted).content;
    expect(reason(await fixture('customer-deleted.json'))).toEqual({
      type: 'for-a-person',
      reason: 'customer 318 was deleted in WooCommerce',
    });
    expect(reason('{}')).toEqual({ type: 'for-a-person', reason: 'a customer was deleted in WooCommerce' });
  });

  test.each([
    [
      'customer-updated.error.json',
      'WooCommerce sent an error instead of a customer: woocommerce_rest_cannot_view',
    ],
    [
      'customer-updated.legacy-v3.json',
      'the form of the Legacy API v3: set the webhook to WP REST API Integration v3',
    ],
  ])('%s is for a person: WooCommerce will not send it again', async (file, reason) => {
    expect(read(await fixture(file)).content).toEqual({ type: 'for-a-person', reason });
  });

  test.each([
    '{"id":7,"order_key":"wc_order_1","billing":{"email":"maria.jensen@example.com"}}',
    '{"id":1.5,"email":"","billing":{}}',
    '[]',
    'null',
    '7',
  ])('signed, and no customer whatever the topic says: for a person: %j', (body) => {
    const reason = 'not a customer in the form of WP REST API Integration v3';
    expect(read(body).content).toEqual({ type: 'for-a-person', reason });
  });

  test.each(['', '{"id":1', '{"id":1}\xff'])('a body that is not JSON is malformed: %j', (body) => {
    const sent = request(Buffer.from(body, 'latin1'), headers);
    expect(() => woocommerce.read(keptBefore(sent), {})).toThrow(MalformedDelivery);
  });

  test('only users with the roles of the options are taken', () => {
    const options = { roles: ['customer', 'subscriber'] };
    expect(read(customer(), {}, options).content.type).toBe('changes');
    expect(read(customer({ role: undefined }), {}, options).content.type).toBe('changes');
    expect(read(customer({ role: 'administrator' }), {}, options).content).toEqual({
      type: 'ignored',
      reason: 'a user with the role administrator',
    });
    expect(read(customer({ role: 'administrator' })).content.type).toBe('changes');
  });

  test('what is kept for a replay says the same, and holds no signature', () => {
    const sent = { ...headers, 'X-WC-Webhook-Signature': 's', 'X-WC-Webhook-Source': 'u', Cookie: 'c' };
    const kept = keptOf(woocommerce, sent, customer());
    expect([...kept.headers.keys()]).toEqual([
      'x-wc-webhook-delivery-id',
      'x-wc-webhook-source',
      'x-wc-webhook-topic',
    ]);
    const again = woocommerce.read(kept, {});
    expect(again).toEqual(read(customer(), sent));
  });
});

describe('mappings/woocommerce.jsonata', async () => {
  const mapping = mappingOf('woocommerce.jsonata', await readFile('mappings/woocommerce.jsonata', 'utf8'));
  const map = (payload: unknown) => mapping.map(payload, now);
  const sample = JSON.parse(await fixture('customer-updated.json'));
  const empty = JSON.parse(await fixture('customer-created.json'));
  const meta = (key: string, value: unknown) => ({ id: 1, key, value });
  const meta_data = [meta('directscale_customer_id', '10542')];
  const changeOf = async (payload: object) => {
    const result = await map({ ...empty, first_name: '', email: '', meta_data, ...payload });
    if (!result.ok) throw new Error(JSON.stringify(result.violations));
    return result.changes[0];
  };
  const fieldsOf = async (payload: object) => (await changeOf(payload))?.fields;

  test('the whole customer', async () => {
    expect(await map(sample)).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: '318',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: {
            ...maria,
            PrimaryAddress: mariasAddress,
            DefaultShippingAddress: mariasShippingAddress,
            AssociateCustom: { Field1: 'gold', Field7: 'blue' },
          },
        },
      ],
    });
  });

  test('what is empty is not sent; without a time it has none', async () => {
    expect(await map(empty)).toEqual({
      ok: true,
      changes: [
        {
          customer: { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] },
          recordId: '319',
          fields: { FirstName: 'Maria', EmailAddress: 'maria.jensen@example.com' },
        },
      ],
    });
    expect(await map({ ...empty, first_name: '', email: '' })).toEqual({ ok: true, changes: [] });
  });

  test.each([
    ['text', [meta('directscale_customer_id', ' 10542 ')]],
    ['a number', [meta('other', 'x'), meta('directscale_customer_id', 10542)]],
    ['the first of several', [...meta_data, meta('directscale_customer_id', '7')]],
    ['beside one of another kind', [meta('directscale_customer_id', { a: 1 }), ...meta_data]],
  ])('the DirectScale id: %s', async (_, given) => {
    const change = await changeOf({ first_name: 'Maria', meta_data: given });
    expect(change?.customer).toEqual({ customerId: '10542' });
  });

  test('meta data that is empty, null or missing is none', async () => {
    for (const given of [[], null, undefined, [meta('directscale_customer_id', '')], [meta('x', null)]]) {
      const change = await changeOf({ first_name: 'Maria', meta_data: given });
      expect(change).toMatchObject({
        customer: { lookUp: [] },
        recordId: '319',
        fields: { FirstName: 'Maria' },
      });
    }
  });

  test('a date of newer versions with its own Z is taken as well', async () => {
    const change = await changeOf({ first_name: 'M', date_modified_gmt: '2026-11-20T21:03:22Z' });
    expect(change?.occurredAt).toBe('2026-11-20T21:03:22.000Z');
  });

  test.each(['address_1', 'city', 'postcode', 'country'])(
    'an address without %s is left out',
    async (name) => {
      const fields = await fieldsOf({ ...sample, billing: { ...sample.billing, [name]: '' } });
      expect(fields).not.toHaveProperty('PrimaryAddress');
      expect(fields).toHaveProperty('DefaultShippingAddress');
    },
  );

  test.each([
    ['JP', 'JP13', '13'],
    ['BG', 'BG-22', '22'],
    ['TR', 'TR34', '34'],
    ['EG', 'EGALX', 'ALX'],
    ['BO', 'BO-H', 'H'],
    ['IT', 'MI', 'MI'],
    ['ES', 'B', 'B'],
    ['US', 'UT', 'UT'],
    ['GB', 'Kent', 'KEN'],
    ['DE', '', ''],
    ['MD', 'FL', 'FA'],
    ['MX', 'JA', 'JAL'],
    ['CN', 'CN11', 'JS'],
    ['GB', 'South Yorkshire', ''],
  ])('region of %s: %j is %s', async (country, state, Region) => {
    const fields = await fieldsOf({ billing: { ...sample.billing, country, state, phone: '' } });
    expect(fields?.PrimaryAddress).toMatchObject({ Street1: '2600 Executive Pkwy', CountryCode: country });
    expect(fields?.PrimaryAddress?.Region).toBe(Region);
  });

  test("a phone without a country of its own is of the billing address's, else of the shipping address's", async () => {
    const shipping = { ...empty.shipping, country: 'DE' };
    const phoneOf = async (billing: object) =>
      (await fieldsOf({ billing: { ...empty.billing, ...billing }, shipping }))?.PrimaryPhone;
    expect(await phoneOf({ phone: '801 555 0142', country: 'US' })).toBe('+18015550142');
    expect(await phoneOf({ phone: '030 5550142' })).toBe('+49305550142');
  });

  test('what cannot be normalized is not guessed', async () => {
    const billing = (more: object) => ({ ...sample, billing: { ...sample.billing, ...more } });
    expect(await mapping.leftOut(billing({ phone: 'ask the neighbour' }))).toEqual([
      { path: 'PrimaryPhone', reason: expect.stringContaining('phone number') },
    ]);
    // Which of two regions this is depends on the version of WooCommerce.
    const bolivian = await mapping.leftOut(billing({ country: 'BO', state: 'B', phone: '' }));
    expect(bolivian.map(({ path }) => path)).toContain('PrimaryAddress.Region');
    const born = { ...sample, meta_data: [meta('directscale_birth_date', 'May 1st')] };
    expect(await mapping.leftOut(born)).toMatchObject([{ path: 'BirthDate' }]);
  });

  test('what is written for HTML is read', async () => {
    const fields = await fieldsOf({
      ...sample,
      first_name: 'Ann &amp; Bo',
      billing: { ...sample.billing, company: 'O&#8217;Brien', address_1: '5 King&#039;s Road' },
    });
    expect(fields).toMatchObject({
      FirstName: 'Ann & Bo',
      CompanyName: 'O’Brien',
      PrimaryAddress: { Street1: "5 King's Road" },
    });
  });

  test('meta fields as PHP makes them of a list with gaps', async () => {
    const result = await mapping.map(
      { ...sample, meta_data: { 0: { key: 'x' }, 1: null, 2: meta('directscale_customer_id', ' 10542 ') } },
      new Date(),
    );
    expect(result).toMatchObject({ changes: [{ customer: { customerId: '10542' } }] });
  });
});
