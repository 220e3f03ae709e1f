import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigcommerce } from '../../src/sources/bigcommerce/bigcommerce.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { type JsonValue, MalformedDelivery, type WebhookRequest } from '../../src/sources/kind.ts';
import { sender } from '../fixtures/bigcommerce/sender.ts';
import { mariaAsShopper, mariasAddress, mariasAddresses } from '../fixtures/maria.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { startServer } from '../test-server.ts';
import { keptOf, keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/bigcommerce');
const secret = 'a-client-secret';
const byHeader = bigcommerce.options.parse({ storeHash: 'abc123xyz', header: 'X-Shop-Secret' });
const bySignature = bigcommerce.options.parse({ storeHash: 'abc123xyz', authentication: 'signature' });
const fixture = (name: string) => readFile(`test/fixtures/bigcommerce/${name}.json`, 'utf8');
const customers = JSON.parse(await fixture('customers.response'));
const [shopper] = customers.data;

test('options: a store hash that could be part of another path is none', () => {
  for (const storeHash of ['', '../x', 'a/b', 'A1', undefined]) {
    expect(bigcommerce.options.safeParse({ storeHash }).success).toBe(false);
  }
});

describe('the header that is given when the hook is made', () => {
  const verify = (headers: Record<string, string>, secrets = [secret]) => {
    const request = { method: 'POST', url, headers: new Headers(headers), body: Buffer.from('{}') };
    return bigcommerce.verify(request, { options: byHeader, keys: keysOf(secrets), now });
  };

  test('holds one of the secrets', () => {
    expect(verify({ 'X-Shop-Secret': secret })).toBe(true);
    expect(verify({ 'X-Shop-Secret': secret }, ['another', secret])).toBe(true);
    expect(verify({ 'X-Shop-Secret': secret }, ['another'])).toBe(false);
    expect(verify({ 'X-Shop-Secret': `${secret}x` })).toBe(false);
    expect(verify({ 'X-Shop-Secret': '' }, [''])).toBe(false);
    expect(verify({ 'X-Relay-Key': secret })).toBe(false);
    expect(verify({})).toBe(false);
  });

  test('is not replaced by a signature', () => {
    expect(verify(sender.headers(Buffer.from('{}'), secret, now, url))).toBe(false);
  });

  test('is nothing else, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, key) => {
        const given = text.replace(/[^\x21-\x7e]/g, '');
        expect(verify({ 'X-Shop-Secret': given }, [key])).toBe(given === key);
      }),
    );
  });
});

describe('the signature of the reference library, as in the vendor’s sample', () => {
  const signed = (body: Uint8Array, key = secret, at = now): WebhookRequest => ({
    method: 'POST',
    url,
    body,
    headers: new Headers(sender.headers(body, key, at, url)),
  });
  const verify = (request: WebhookRequest, secrets = [secret], at = now) =>
    bigcommerce.verify(request, { options: bySignature, keys: keysOf(secrets), now: at });
  const with_ = (request: WebhookRequest, name: string, value: string) => {
    const headers = new Headers(request.headers);
    headers.set(name, value);
    return { ...request, headers };
  };
  const body = Buffer.from('{"scope":"store/customer/updated"}');

  test('is keyed with the bytes of the client secret, whatever they look like', () => {
    for (const key of [secret, 'whsec_c2VjcmV0', 'c2VjcmV0', 'ü&"=']) {
      expect(verify(signed(body, key), [key])).toBe(true);
      expect(verify(signed(body, key), ['another', key])).toBe(true);
      expect(verify(signed(body, key), ['another'])).toBe(false);
    }
  });

  test('is of these bytes, this id and this time', () => {
    const request = signed(body);
    expect(verify({ ...request, body: Buffer.concat([body, Buffer.from(' ')]) })).toBe(false);
    expect(verify(with_(request, 'webhook-id', 'msg_2'))).toBe(false);
    expect(verify(with_(request, 'webhook-timestamp', String(now.getTime() / 1000 + 1)))).toBe(false);
    expect(verify(with_(request, 'webhook-signature', 'v1,AAAA'))).toBe(false);
    expect(verify({ ...request, headers: new Headers({ 'X-Relay-Key': secret }) })).toBe(false);
  });

  test.each([
    [300_000, true],
    [301_000, false],
    [-300_000, true],
    [-301_000, false],
  ])('%i ms later: %s', (later, accepted) => {
    expect(verify(signed(body), [secret], new Date(now.getTime() + later))).toBe(accepted);
  });

  test('is nothing else, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('id', 'timestamp', 'signature'), (text, name) => {
        const request = signed(body);
        const given = text.replace(/[^\x21-\x7e]/g, '');
        const isSame = given === request.headers.get(`webhook-${name}`);
        expect(verify(with_(request, `webhook-${name}`, given))).toBe(isSame);
      }),
    );
  });
});

const read = (payload: unknown, headers: Record<string, string> = {}) =>
  bigcommerce.read(
    keptBefore({
      headers: new Headers(headers),
      body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    }),
    byHeader,
  );

describe('what an event says', () => {
  const event = (scope: string, data: unknown = { type: 'customer', id: 32 }, more: object = {}) => ({
    created_at: 1_795_208_603,
    producer: 'stores/abc123xyz',
    scope,
    data,
    ...more,
  });
  const ofAddress = { type: 'customer', id: 60, address: { customer_id: 32 } };

  test.each([
    ['customer-created', 'store/customer/created'],
    ['customer-updated', 'store/customer/updated'],
    ['customer-address-updated', 'store/customer/address/updated'],
  ])('%s: whose customer is to be read', async (name, scope) => {
    expect(read(await fixture(name))).toMatchObject({
      topic: scope,
      content: { type: 'items', items: [{ record: { scope, customer: '32', created_at: 1_795_208_603 } }] },
    });
  });

  test('either spelling of an address that was changed, and one that was created', () => {
    for (const what of ['created', 'updated', 'update']) {
      const { content } = read(event(`store/customer/address/${what}`, ofAddress));
      expect(content).toMatchObject({ items: [{ record: { customer: '32' } }] });
    }
  });

  test('an event without a time, and without a producer', () => {
    const { content } = read({ scope: 'store/customer/updated', data: { id: 32 } });
    expect(content).toEqual({
      type: 'items',
      items: [{ record: { scope: 'store/customer/updated', customer: '32' } }],
    });
  });

  test.each([
    ['customer-deleted', 'customer 32 was deleted in BigCommerce'],
    ['customer-address-deleted', 'address 60 of customer 32 was deleted in BigCommerce'],
  ])('%s is for a person', async (name, reason) => {
    expect(read(await fixture(name)).content).toEqual({ type: 'for-a-person', reason });
  });

  test.each([
    'store/customer/payment/instrument/default/updated',
    'store/order/created',
    'store/customer',
    'store/customer/address/other',
  ])('%s is ignored', (scope) => {
    expect(read(event(scope)).content).toMatchObject({ type: 'ignored' });
  });

  test('another store is ignored, also where something is deleted', () => {
    for (const scope of ['store/customer/updated', 'store/customer/deleted']) {
      const { content } = read(event(scope, { id: 32 }, { producer: 'stores/other' }));
      expect(content).toMatchObject({ type: 'ignored', reason: expect.stringContaining('another store') });
    }
  });

  test.each(['none', null, {}, { id: 0 }, { id: '32/../1' }, { id: 3.2 }, { id: -1 }])(
    'a customer that is no id is for a person: %j',
    (data) => {
      for (const scope of ['store/customer/updated', 'store/customer/address/updated']) {
        expect(read(event(scope, data)).content).toEqual({
          type: 'for-a-person',
          reason: `${scope} without the id of a customer`,
        });
      }
      expect(read(event('store/customer/deleted', data)).content.type).toBe('for-a-person');
    },
  );

  test.each(['', '[]', '{}', '{"scope":7}', '{"scope":""}', '{"scope":"a"'])(
    'a body that is no event is malformed: %j',
    (body) => {
      expect(() => read(body)).toThrow(MalformedDelivery);
    },
  );

  test('the id: by webhook-id and body; without one each is looked at', () => {
    const one = event('store/customer/updated');
    const id = (payload: unknown, webhookId?: string) =>
      read(payload, webhookId ? { 'webhook-id': webhookId } : {}).id;
    expect(id(one, 'msg_1')).toBe(id(one, 'msg_1'));
    expect(id(one, 'msg_1')).not.toBe(id(one, 'msg_2'));
    expect(id(one, 'msg_1')).not.toBe(id(event('store/customer/created'), 'msg_1'));
    expect(id(one)).not.toBe(id(one));
  });

  test('what is kept for a replay holds no secret', () => {
    const headers = { ...sender.headers(Buffer.from('{}'), secret, now, url), 'X-Shop-Secret': secret };
    const kept = keptOf(bigcommerce, headers, '{}');
    expect([...kept.headers.keys()]).toEqual(['webhook-id']);
  });

  test('is acknowledged as documented', () => {
    const request = { headers: new Headers(), body: Buffer.from('{}') };
    expect(bigcommerce.acknowledge?.(keptBefore(request), byHeader)).toEqual({ status: 200 });
  });
});

interface Asked {
  readonly url: string;
  readonly token: string | undefined;
}

/** BigCommerce's API: answers each call with the next of `answers`; yields what was asked. */
async function withApi(
  answers: readonly { status?: number; body?: unknown; headers?: Record<string, string> }[],
  work: (baseUrl: string) => Promise<void>,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  await using server = await startServer((response, { url: path, headers }) => {
    const { status = 200, body = {}, headers: given = {} } = answers[asked.length] ?? { status: 500 };
    asked.push({ url: path, token: headers['x-auth-token']?.toString() });
    response.writeHead(status, given).end(JSON.stringify(body));
  });
  await work(server.url.origin);
  return asked;
}

describe('reading the customer', () => {
  const item = { scope: 'store/customer/updated', customer: '32', created_at: 1_795_208_603 };
  const ofAddress = { ...item, scope: 'store/customer/address/updated' };
  const fetched = (baseUrl: string, thin: JsonValue = item, more: object = {}) =>
    bigcommerce.fetch?.(thin, {
      options: bigcommerce.options.parse({ storeHash: 'abc123xyz', idAttribute: 4, baseUrl, ...more }),
      secret: async (name) => `value of ${name}`,
      timeoutMs: 2000,
    });
  const answer = (more: object) => [{ body: { data: [{ ...shopper, ...more }] } }];

  test('asks the configured host and store, with the token of the vault', async () => {
    const asked = await withApi([{ body: customers }], async (baseUrl) => {
      expect(await fetched(baseUrl)).toEqual({
        type: 'found',
        payload: {
          scope: 'store/customer/updated',
          created_at: 1_795_208_603,
          customerId: '10542',
          address: shopper.addresses[0],
          customer: shopper,
        },
      });
    });
    expect(asked).toEqual([
      {
        url: '/stores/abc123xyz/v3/customers?id:in=32&include=addresses,attributes,formfields',
        token: 'value of bigcommerce-access-token',
      },
    ]);
  });

  test('below a base address with a path', async () => {
    const asked = await withApi([{ body: customers }], async (baseUrl) => {
      await fetched(`${baseUrl}/proxy/`);
    });
    expect(asked[0]?.url).toMatch(/^\/proxy\/stores\/abc123xyz\/v3\/customers\?/);
  });

  test('without idAttribute, or where she has no such attribute, there is no DirectScale id', async () => {
    for (const more of [{ idAttribute: undefined }, { idAttribute: 5 }]) {
      const asked = await withApi([{ body: customers }], async (baseUrl) => {
        const found = await fetched(baseUrl, item, more);
        expect(found).toMatchObject({
          type: 'found',
          payload: expect.not.objectContaining({ customerId: '10542' }),
        });
      });
      expect(asked).toHaveLength(1);
    }
  });

  test('an attribute beyond the ten that are listed is asked for', async () => {
    const attributes = Array.from({ length: 10 }, (_, n) => ({ attribute_id: n + 20, attribute_value: 'x' }));
    const many = answer({ attributes, attribute_count: 12 });
    const value = { customer_id: 32, attribute_id: 4, attribute_value: ' 10542 ' };
    const asked = await withApi([...many, { body: { data: [value] } }], async (baseUrl) => {
      expect(await fetched(baseUrl)).toMatchObject({ payload: { customerId: '10542' } });
    });
    expect(asked[1]?.url).toBe(
      '/stores/abc123xyz/v3/customers/attribute-values?customer_id:in=32&attribute_id:in=4',
    );
    for (const [second, expected] of [
      [{ body: { data: [] } }, { payload: expect.not.objectContaining({ customerId: expect.anything() }) }],
      [{ body: { data: [{ ...value, customer_id: 33 }] } }, { type: 'unavailable' }],
      [{ status: 503 }, { type: 'unavailable', status: 503 }],
      [{ status: 403 }, { type: 'refused-by-vendor', status: 403 }],
    ] as const) {
      await withApi([...many, second], async (baseUrl) => {
        expect(await fetched(baseUrl)).toMatchObject(expected);
      });
    }
  });

  test('lists that are null or missing are empty', async () => {
    for (const none of [null, undefined]) {
      const [first] = answer({ addresses: none, attributes: none, attribute_count: 0 });
      await withApi(first ? [first] : [], async (baseUrl) => {
        expect(await fetched(baseUrl)).toMatchObject({
          type: 'found',
          payload: { customer: { addresses: [], attributes: [] } },
        });
      });
    }
  });

  test.each([
    ['none', {}, { body: { data: [] } }, { type: 'gone' }],
    ['somebody else', {}, { body: { data: [{ ...shopper, id: 33 }] } }, { type: 'unavailable' }],
    ['not BigCommerce', {}, { body: { hello: 1 } }, { type: 'unavailable' }],
    ['a wrong address', {}, { status: 404 }, { type: 'refused-by-vendor' }],
    ['a wrong token', {}, { status: 401 }, { type: 'refused-by-vendor', status: 401 }],
    [
      'too many calls',
      {},
      { status: 429, headers: { 'Retry-After': '3' } },
      { type: 'unavailable', retryAfterMs: 3000 },
    ],
    [
      'a redirect',
      {},
      { status: 302, headers: { Location: 'https://example.com' } },
      { type: 'refused-by-vendor' },
    ],
    ['an outage', {}, { status: 503 }, { type: 'unavailable', status: 503 }],
  ])('%s', async (_, more, given, expected) => {
    await withApi([given], async (baseUrl) => {
      expect(await fetched(baseUrl, item, more)).toMatchObject(expected);
    });
  });

  test('the only address is taken, whatever the options say of several', async () => {
    for (const severalAddresses of ['park', 'first', 'ignore']) {
      await withApi([{ body: customers }], async (baseUrl) => {
        const found = await fetched(baseUrl, ofAddress, { severalAddresses });
        expect(found).toMatchObject({ payload: { address: shopper.addresses[0] } });
      });
    }
  });

  test('of several addresses none is taken unless the options say so', async () => {
    const addresses = [shopper.addresses[0], { ...shopper.addresses[0], id: 61 }];
    const several = answer({ addresses });
    for (const [thin, severalAddresses, expected] of [
      [
        ofAddress,
        'park',
        { type: 'for-a-person', reason: expect.stringContaining('customer 32 has several') },
      ],
      [ofAddress, 'first', { payload: { address: addresses[0] } }],
      [ofAddress, 'ignore', { payload: expect.not.objectContaining({ address: expect.anything() }) }],
      [item, 'park', { payload: expect.not.objectContaining({ address: expect.anything() }) }],
    ] as const) {
      await withApi(several, async (baseUrl) => {
        expect(await fetched(baseUrl, thin, { severalAddresses })).toMatchObject(expected);
      });
    }
  });

  test('the answer of the sample is that of the customer', async () => {
    const body = sender.answer?.('/stores/abc123xyz/v3/customers?id:in=32&include=addresses', now);
    expect(body).toEqual(customers);
  });
});

describe('mappings/bigcommerce.jsonata', async () => {
  const mapping = mappingOf('bigcommerce.jsonata', await readFile('mappings/bigcommerce.jsonata', 'utf8'));
  const [address] = shopper.addresses;
  const created_at = 1_795_208_603;
  const map = (what: string, customer: object = {}, more: object = {}) =>
    mapping.map(
      {
        scope: `store/customer/${what}`,
        created_at,
        customerId: '10542',
        address,
        customer: { ...shopper, ...customer },
        ...more,
      },
      now,
    );
  const changeOf = async (...given: Parameters<typeof map>) => {
    const result = await map(...given);
    if (!result.ok) throw new Error(JSON.stringify(result.violations));
    return result.changes[0];
  };
  const change = {
    customer: { customerId: '10542' },
    recordId: '32',
    occurredAt: '2026-11-20T21:03:22.000Z',
  };

  test('a new customer: everything', async () => {
    const fields = { ...mariaAsShopper, ...mariasAddresses };
    expect(await map('created')).toEqual({ ok: true, changes: [{ ...change, fields }] });
  });

  test("a changed customer: her own fields, for BigCommerce says that it was none of her addresses'", async () => {
    expect(await map('updated')).toEqual({ ok: true, changes: [{ ...change, fields: mariaAsShopper }] });
  });

  test.each(['created', 'updated', 'update'])(
    'address/%s: the address, with the time of the event',
    async (what) => {
      const occurredAt = '2026-11-20T21:03:23.000Z';
      expect(await map(`address/${what}`)).toEqual({
        ok: true,
        changes: [{ ...change, occurredAt, fields: mariasAddresses }],
      });
    },
  );

  test('without an address that stands for her own there is nothing to send of it', async () => {
    expect(await map('address/updated', {}, { address: undefined })).toEqual({ ok: true, changes: [] });
    expect((await changeOf('created', {}, { address: undefined }))?.fields).toEqual(mariaAsShopper);
  });

  test.each([
    ['her own', '2026-11-20T21:03:20Z', created_at, '2026-11-20T21:03:20.000Z'],
    ['not later than the event', '2026-11-22T10:00:00Z', created_at, '2026-11-20T21:03:23.000Z'],
    ['her own, where the event has none', '2026-11-20T21:03:20+00:00', undefined, '2026-11-20T21:03:20.000Z'],
    ['of the event, where she has none', undefined, created_at, '2026-11-20T21:03:23.000Z'],
    ['none, where nothing tells it', undefined, undefined, undefined],
  ])('the time is %s', async (_, date_modified, at, occurredAt) => {
    const { occurredAt: found } = (await changeOf('updated', { date_modified }, { created_at: at })) ?? {};
    expect(found).toBe(occurredAt);
  });

  test('without the DirectScale id she is found by link or e-mail', async () => {
    const without = await changeOf('updated', {}, { customerId: undefined });
    expect(without).toMatchObject({
      customer: { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] },
      recordId: '32',
    });
  });

  test('what is empty is not sent', async () => {
    const names = ['first_name', 'last_name', 'email', 'company', 'phone'];
    for (const none of ['', null, undefined]) {
      const customer = Object.fromEntries(names.map((name) => [name, none]));
      expect(await map('updated', customer)).toEqual({ ok: true, changes: [] });
    }
  });

  test('an address that is not whole is left out of a new customer, and reported where it changed', async () => {
    const half = { address: { ...address, city: '', postal_code: null } };
    expect((await changeOf('created', {}, half))?.fields).toEqual(mariaAsShopper);
    const result = await map('address/updated', {}, half);
    expect(result.ok ? [] : result.violations.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['PrimaryAddress.City', 'PrimaryAddress.PostalCode']),
    );
  });

  test('no second line is empty, and where there are no states the region is empty', async () => {
    const berlin = {
      ...address,
      address2: null,
      city: 'Berlin',
      state_or_province: '',
      postal_code: '10115',
      country_code: 'DE',
    };
    expect((await changeOf('address/updated', {}, { address: berlin }))?.fields.PrimaryAddress).toEqual({
      ...mariasAddress,
      Region: '',
      Street2: '',
      City: 'Berlin',
      PostalCode: '10115',
      CountryCode: 'DE',
    });
  });

  test("a phone is of the country of the customer's addresses, if it is one", async () => {
    const german = { ...address, country_code: 'DE' };
    const phoneOf = async (phone: string, addresses: object[]) =>
      (await changeOf('updated', { phone, addresses }))?.fields.PrimaryPhone;
    expect(await phoneOf('030 5550142', [german, german])).toBe('+49305550142');
    expect(await phoneOf('+18015550142', [german, address])).toBe('+18015550142');
    for (const addresses of [[german, address], []]) {
      expect(await phoneOf('030 5550142', addresses)).toBeUndefined();
    }
  });

  test('what cannot be normalized is not guessed', async () => {
    const nowhere = { address: { ...address, state_or_province: 'Nowhere' } };
    expect(await map('address/updated', {}, nowhere)).toMatchObject({
      violations: ['PrimaryAddress', 'DefaultShippingAddress'].map((field) => ({
        path: `${field}.Region`,
        message: 'is not a state or province of the country, by code or by name',
      })),
    });
  });
});
