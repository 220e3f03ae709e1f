import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shopify } from '../../src/sources/shopify/shopify.ts';
import { type ShopifyStandIn, shopifyCustomer, startShopifyApi } from '../vendors/shopify.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/shopify');
const wanted = { url, secretNames: ['shopify-webhook-secret'] };

let api: ShopifyStandIn;
beforeEach(async () => {
  api = await startShopifyApi();
});
afterEach(() => api.close());

const context = (more: object = {}) =>
  contextOf(
    shopify,
    {
      shop: 'jensen.myshopify.com',
      api: { tokenSecret: 'shopify-token', baseUrl: api.url, pageSize: 2, ...more },
    },
    { 'shopify-token': 'a-token\n', 'shopify-secret': 'client-secret' },
  );
const byClient = { tokenSecret: undefined, clientId: 'client-1', clientSecret: 'shopify-secret' };

/** Customers 1 to n, one changed each minute from 10:00 on. */
function fill(count: number) {
  for (let n = 1; n <= count; n++) {
    const updatedAt = at(`10:${String(n - 1).padStart(2, '0')}:00`).toISOString();
    api.customers.set(String(n), shopifyCustomer(String(n), { updatedAt }));
  }
}
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => recordId);

describe('customers that changed', () => {
  test('are read page by page, each once, and the reading goes on where it stopped', async () => {
    fill(7);
    expect(idsOf(await readAll(shopify, window, context()))).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    const first = await readOne(shopify, window, context());
    expect(first).toMatchObject({ type: 'page', next: { fromId: '3' } });
    const rest = await readAll(shopify, { ...window, at: { fromId: '3' } }, context());
    expect(idsOf(rest)).toEqual(['3', '4', '5', '6', '7']);
  });

  test('are those of the window, its ends included', async () => {
    fill(7);
    const read = await readAll(shopify, { since: at('10:02:00'), until: at('10:04:00.9') }, context());
    expect(read.map(({ recordId, changedAt }) => [recordId, changedAt])).toEqual([
      ['3', '2026-11-20T10:02:00.000Z'],
      ['4', '2026-11-20T10:03:00.000Z'],
      ['5', '2026-11-20T10:04:00.000Z'],
    ]);
    expect(idsOf(await readAll(shopify, { until: at('10:01:00') }, context()))).toEqual(['1', '2']);
  });

  test('one who changes while the pages are read moves nobody else', async () => {
    fill(6);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2)
        api.customers.set('1', shopifyCustomer('1', { updatedAt: at('12:30:00').toISOString() }));
    };
    expect(idsOf(await readAll(shopify, window, context()))).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('one whose change the index does not know yet comes as she is', async () => {
    const updatedAt = at('12:00:05').toISOString();
    api.customers.set('1', shopifyCustomer('1', { updatedAt, indexedAt: at('11:00:00').toISOString() }));
    expect(await readAll(shopify, window, context())).toMatchObject([
      { recordId: '1', changedAt: updatedAt },
    ]);
  });

  test('nobody changed: an empty page, and the end', async () => {
    expect(await readOne(shopify, window, context())).toEqual({ type: 'page', customers: [] });
  });

  test('an API that does not know the filter is told, not taken for changes', async () => {
    const nodes = [
      { ...shopifyCustomer('1', { updatedAt: at('09:00:00').toISOString() }), metafields0: none },
    ];
    const answer = { customers: { nodes, pageInfo: { hasNextPage: true } } };
    api.faults.push({ status: 200, body: { data: answer } });
    expect(await readOne(shopify, window, context())).toMatchObject({ type: 'not-told' });
  });

  test('ids past 2^53 keep their digits', async () => {
    api.customers.set(
      '706405506930370084',
      shopifyCustomer('706405506930370084', { updatedAt: at('11:00:00').toISOString() }),
    );
    const [read] = await readAll(shopify, window, context());
    expect(read).toMatchObject({
      recordId: '706405506930370084',
      payload: {
        id: '706405506930370084',
        admin_graphql_api_id: 'gid://shopify/Customer/706405506930370084',
      },
    });
  });

  test('all metafields come, however many there are', async () => {
    const metafields = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`field_${n + 1}`, String(n)]),
    );
    api.customers.set('1', shopifyCustomer('1', { updatedAt: at('11:00:00').toISOString(), metafields }));
    const [read] = await readAll(shopify, window, context());
    expect(read?.payload).toHaveProperty('metafields.length', 60);
  });
});

const none = { nodes: [], pageInfo: { hasNextPage: false } };

test('a customer who is read makes the same change as her webhook', async () => {
  const webhook = JSON.parse(
    await readFile('test/fixtures/shopify/customers-update.all-metafields.json', 'utf8'),
  );
  const metafields = Object.fromEntries(
    webhook.metafields.map(({ key, value }: { key: string; value: unknown }) => [key, String(value)]),
  );
  api.customers.set('7065064123456', shopifyCustomer('7065064123456', { metafields }));
  const [read] = await readAll(shopify, { until: at('23:00:00') }, context());
  const mapping = await shippedMapping(shopify);
  const expected = await mapping.map(webhook, at('22:00:00'));
  expect(expected).toMatchObject({ ok: true, changes: [{ recordId: '7065064123456' }] });
  expect(await mapping.map(read?.payload, at('22:00:00'))).toEqual(expected);
});

describe('what Shopify answers instead', () => {
  test('throttling, which it tells with a 200, is waited for until the points are there', async () => {
    fill(1);
    api.limits.restoreRate = 1000;
    api.limits.points = 40;
    expect(await readAll(shopify, window, context())).toHaveLength(1);
    expect(api.requests).toHaveLength(2);
  });

  test('throttling that lasts says how long', async () => {
    fill(1);
    Object.assign(api.limits, { points: 40, restoreRate: 1000, isEmpty: true });
    const throttled = { type: 'unavailable', status: 200 };
    expect(await readOne(shopify, window, context())).toEqual({ ...throttled, retryAfterMs: 50 });
    api.limits.restoreRate = 10;
    const { length } = api.requests;
    const page = await readOne(shopify, window, context({ pageSize: 10 }));
    expect(page).toEqual({ ...throttled, retryAfterMs: 40_200 });
    expect(api.requests).toHaveLength(length + 1);
  });

  test('a page that costs too much is told', async () => {
    const reason = expect.stringContaining('options.api.pageSize');
    expect(await readOne(shopify, window, context({ pageSize: 250 }))).toEqual({ type: 'not-told', reason });
  });

  test.each([
    [
      { status: 429, headers: { 'retry-after': '3' } },
      { type: 'unavailable', status: 429, retryAfterMs: 3000 },
    ],
    [{ status: 503 }, { type: 'unavailable', status: 503 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [
      { status: 200, body: { errors: [{ message: 'x', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } },
      { type: 'unavailable', status: 200 },
    ],
    [
      { status: 200, body: { errors: [{ message: 'x', extensions: { code: 'ACCESS_DENIED' } }] } },
      { type: 'refused-by-vendor', status: 200 },
    ],
    [{ status: 403 }, { type: 'refused-by-vendor', status: 403 }],
    [
      { status: 302, headers: { location: 'https://example.com/' } },
      { type: 'refused-by-vendor', status: 302 },
    ],
    [
      { status: 200, body: { data: { shop: {} } } },
      { type: 'not-told', reason: expect.any(String) },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(shopify, window, context())).toEqual(expected);
    expect(await readAll(shopify, window, context())).toHaveLength(1);
  });

  test('a token that it does not take is refused', async () => {
    api.tokens.clear();
    expect(await readOne(shopify, window, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
  });

  test('a token that ran out is replaced by another one, for an app that may ask for it', async () => {
    fill(3);
    expect(await readAll(shopify, window, context(byClient))).toHaveLength(3);
    api.tokens.clear();
    expect(await readAll(shopify, window, context(byClient))).toHaveLength(3);
    const asked = api.requests.filter(({ url }) => url === '/admin/oauth/access_token');
    expect(asked).toHaveLength(2);
  });

  test('a secret that the vault does not give is told as the vault tells it', async () => {
    await expect(readOne(shopify, window, context({ tokenSecret: 'other' }))).rejects.toThrow(
      'no secret other',
    );
  });
});

test('without options.api nothing is asked', async () => {
  const nothing = contextOf(shopify, {}, {});
  expect(await readOne(shopify, window, nothing)).toMatchObject({ type: 'not-told' });
  expect(await shopify.subscription?.look(wanted, nothing)).toMatchObject({ type: 'not-told' });
});

test.each([
  [{}],
  [{ tokenSecret: 'a', clientId: 'b', clientSecret: 'c' }],
  [{ clientId: 'b' }],
  [{ tokenSecret: 'a', version: '2026-7' }],
  [{ tokenSecret: 'a', version: '2025-01' }],
  [{ tokenSecret: 'a', baseUrl: 'http://example.com' }],
])('options that cannot work are refused: %j', (given) => {
  expect(shopify.options.safeParse({ shop: 'jensen.myshopify.com', api: given }).success).toBe(false);
  expect(shopify.options.safeParse({ api: { tokenSecret: 'a' } }).success).toBe(false);
});

describe('the subscription', () => {
  const look = () => shopify.subscription?.look(wanted, context());
  const repair = () => shopify.subscription?.repair(wanted, context());
  const subscribe = (id: string, topic: string, more: object = {}) =>
    api.subscriptions.set(id, {
      id,
      topic,
      uri: url.href,
      format: 'JSON',
      metafieldNamespaces: ['directscale'],
      ...more,
    });

  test('that is as it should be has no problem', async () => {
    subscribe('1', 'CUSTOMERS_UPDATE');
    subscribe('2', 'CUSTOMERS_CREATE', { includeFields: ['id', 'updated_at', 'metafields', 'email'] });
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('that Shopify deleted is missing, and is made again with its metafields', async () => {
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the topic customers/update is missing', 'the topic customers/create is missing'],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect([...api.subscriptions.values()]).toMatchObject([
      { topic: 'CUSTOMERS_UPDATE', uri: url.href, format: 'JSON', metafieldNamespaces: ['directscale'] },
      { topic: 'CUSTOMERS_CREATE', uri: url.href, format: 'JSON', metafieldNamespaces: ['directscale'] },
    ]);
    await repair();
    expect(api.subscriptions.size).toBe(2);
  });

  test('with another address is told, and left alone', async () => {
    subscribe('1', 'CUSTOMERS_UPDATE', { uri: 'https://other.example.com/hook' });
    subscribe('2', 'CUSTOMERS_CREATE');
    const foreign = api.subscriptions.get('1');
    expect(await look()).toMatchObject({
      problems: ['the topic customers/update is missing here: it goes to another address'],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('1')).toBe(foreign);
  });

  test('that lost its metafields, or is cut down, is told and corrected', async () => {
    subscribe('1', 'CUSTOMERS_UPDATE', { metafieldNamespaces: ['other'] });
    subscribe('2', 'CUSTOMERS_CREATE', { includeFields: ['id'], filter: 'state:enabled' });
    expect(await look()).toEqual({
      type: 'found',
      problems: [
        'customers/update: the metafields of directscale are missing',
        'customers/create: updated_at is missing in what is sent',
        'customers/create: metafields is missing in what is sent',
        'customers/create: a filter leaves customers out',
      ],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('1')?.metafieldNamespaces).toEqual(['directscale', 'other']);
  });

  test('that Shopify does not tell is no state', async () => {
    api.tokens.clear();
    expect(await look()).toEqual({ type: 'refused-by-vendor', status: 401 });
    expect(await repair()).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});
