import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { woocommerce } from '../../src/sources/woocommerce/woocommerce.ts';
import { startWooApi, type WooStandIn, wooCustomer } from '../vendors/woocommerce.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const window = { until: new Date('2026-11-21T00:00:00Z') };
const url = new URL('https://relay.example.com/api/webhooks/woocommerce');
const wanted = { url, secretNames: ['woo-webhook-secret', 'older'] };

let api: WooStandIn;
beforeEach(async () => {
  api = await startWooApi();
});
afterEach(() => api.close());

const context = (more: object = {}, options: object = {}) =>
  contextOf(
    woocommerce,
    { ...options, api: { baseUrl: api.url, pageSize: 3, ...more } },
    {
      'woocommerce-consumer-key': 'ck_test\n',
      'woocommerce-consumer-secret': 'cs_test',
      'woo-webhook-secret': 'a-webhook-secret',
    },
  );

function fill(count: number, changes: object = {}) {
  for (let id = count; id >= 1; id--) api.customers.set(String(id), wooCustomer(id, changes));
}
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => Number(recordId));
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

describe('all customers', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'are read, each once, in the order of their ids: %i',
    async (count) => {
      fill(count);
      expect(idsOf(await readAll(woocommerce, window, context()))).toEqual(upTo(count));
    },
  );

  test('are read to the end by a shop that gives shorter pages, and does not say how many there are', async () => {
    fill(5);
    const page = (...ids: number[]) =>
      api.faults.push({ status: 200, body: ids.map((id) => wooCustomer(id)) });
    page(1, 2);
    page(2, 3);
    page(3, 4, 5);
    page(5);
    expect(idsOf(await readAll(woocommerce, window, context()))).toEqual([1, 2, 3, 4, 5]);
  });

  test('the reading goes on where it stopped', async () => {
    fill(7);
    expect(await readOne(woocommerce, window, context())).toMatchObject({ next: { offset: 2, lastId: 3 } });
    const rest = await readAll(woocommerce, { ...window, at: { offset: 2, lastId: 3 } }, context());
    expect(idsOf(rest)).toEqual([4, 5, 6, 7]);
  });

  test.each([
    ['one', [1]],
    ['the last one read', [3]],
    ['more than a page', [1, 2, 3, 4, 5, 6]],
    ['all but one', [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12]],
  ])('deleting %s of them in the meantime hides nobody', async (_, deleted) => {
    fill(12);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 4) for (const id of deleted) api.customers.delete(String(id));
    };
    const read = idsOf(await readAll(woocommerce, window, context()));
    expect(read).toEqual(upTo(12).filter((id) => id <= 7 || !deleted.includes(id)));
  });

  test('whoever stays is read once, whoever is deleted between which pages', async () => {
    const deletion = fc.record({
      beforePage: fc.integer({ min: 1, max: 9 }),
      id: fc.integer({ min: 1, max: 15 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(15),
        fc.integer({ min: 2, max: 5 }),
        fc.array(deletion, { maxLength: 12 }),
        async (count, pageSize, deletions) => {
          api.customers.clear();
          fill(count);
          let pages = 0;
          api.beforePage = () => {
            pages++;
            for (const { id } of deletions.filter(({ beforePage }) => beforePage === pages))
              api.customers.delete(String(id));
          };
          const read = idsOf(await readAll(woocommerce, window, context({ pageSize })));
          const stayed = [...api.customers.values()].map(({ id }) => id);
          expect(read).toEqual(expect.arrayContaining(stayed));
          expect(read).toEqual([...new Set(read)].toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('one who is saved in the meantime is read as she is then, and when', async () => {
    fill(4);
    let pages = 0;
    api.beforePage = () => {
      const saved = { first_name: 'Marie', date_modified_gmt: '2026-11-20T23:59:59' };
      if (++pages === 2) api.customers.set('4', wooCustomer(4, saved));
    };
    const read = await readAll(woocommerce, window, context());
    expect(read.at(-1)).toMatchObject({
      changedAt: '2026-11-20T23:59:59Z',
      payload: { first_name: 'Marie' },
    });
  });

  test('those who were never edited are as old as they are: they overwrite nothing newer', async () => {
    fill(1, { date_modified_gmt: null, date_created_gmt: '2026-03-02T17:15:00' });
    const [read] = await readAll(woocommerce, window, context());
    expect(read?.changedAt).toBe('2026-03-02T17:15:00Z');
    const mapped = await (await shippedMapping(woocommerce)).map(read?.payload, window.until);
    expect(mapped).toMatchObject({ changes: [{ occurredAt: '2026-03-02T17:15:00.000Z' }] });
  });

  test('only the roles of the options are taken', async () => {
    fill(3);
    api.customers.set('2', wooCustomer(2, { role: 'administrator' }));
    expect(idsOf(await readAll(woocommerce, window, context()))).toEqual([1, 2, 3]);
    expect(idsOf(await readAll(woocommerce, window, context({}, { roles: ['customer'] })))).toEqual([1, 3]);
  });

  test('in another order than was asked for are told, not taken', async () => {
    api.faults.push({ status: 200, body: [wooCustomer(2), wooCustomer(1)] });
    expect(await readOne(woocommerce, window, context())).toMatchObject({ type: 'not-told' });
  });
});

test('a customer who is read makes the same change as her webhook', async () => {
  fill(1, { id: 318 });
  const [read] = await readAll(woocommerce, window, context());
  const mapping = await shippedMapping(woocommerce);
  const webhook = JSON.parse(await readFile('test/fixtures/woocommerce/customer-updated.json', 'utf8'));
  const expected = await mapping.map(webhook, window.until);
  expect(expected).toMatchObject({ ok: true, changes: [{ recordId: '318' }] });
  expect(await mapping.map(read?.payload, window.until)).toEqual(expected);
});

describe('what the shop answers instead', () => {
  test.each([
    [
      { status: 429, headers: { 'retry-after': '5' } },
      { type: 'unavailable', status: 429, retryAfterMs: 5000 },
    ],
    [{ status: 503 }, { type: 'unavailable', status: 503 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [
      { status: 403, body: { code: 'woocommerce_rest_cannot_view' } },
      { type: 'refused-by-vendor', status: 403 },
    ],
    [{ status: 404 }, { type: 'refused-by-vendor', status: 404 }],
    [
      { status: 301, headers: { location: 'https://example.com/' } },
      { type: 'refused-by-vendor', status: 301 },
    ],
    [
      { status: 200, body: { code: 'x' } },
      { type: 'not-told', reason: expect.any(String) },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(woocommerce, window, context())).toEqual(expected);
    expect(await readAll(woocommerce, window, context())).toHaveLength(1);
  });

  test('a key that it does not take is refused', async () => {
    api.tokens.clear();
    expect(await readOne(woocommerce, window, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});

test('without options.api nothing is asked', async () => {
  const nothing = contextOf(woocommerce, {}, {});
  expect(await readOne(woocommerce, window, nothing)).toMatchObject({ type: 'not-told' });
  expect(await woocommerce.subscription?.look(wanted, nothing)).toMatchObject({ type: 'not-told' });
  const http = { api: { baseUrl: 'http://shop.example.com' } };
  expect(woocommerce.options.safeParse(http).success).toBe(false);
});

describe('the webhook', () => {
  const look = () => woocommerce.subscription?.look(wanted, context());
  const repair = () => woocommerce.subscription?.repair(wanted, context());
  const add = (id: number, topic: string, more: object = {}) =>
    api.subscriptions.set(String(id), { id, topic, status: 'active', delivery_url: url.href, ...more });

  test('that is as it should be has no problem', async () => {
    add(1, 'customer.updated');
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('that WooCommerce disabled is told, and switched on', async () => {
    add(1, 'customer.updated', { status: 'disabled' });
    add(2, 'customer.deleted', { status: 'paused' });
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the webhook of customer.updated is disabled', 'the webhook of customer.deleted is paused'],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.size).toBe(2);
  });

  test('that is not there is made, with the secret of the source', async () => {
    add(1, 'order.created', { delivery_url: 'https://other.example.com/' });
    expect(await look()).toMatchObject({ problems: ['the topic customer.updated is missing'] });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('2')).toMatchObject({
      topic: 'customer.updated',
      delivery_url: url.href,
      secret: 'a-webhook-secret',
    });
  });

  test('with another address is told, and left alone, however many there are', async () => {
    for (let id = 1; id <= 120; id++)
      add(id, 'customer.updated', { delivery_url: 'https://other.example.com/', status: 'disabled' });
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the topic customer.updated is missing here: it goes to another address'],
    });
    const before = [...api.subscriptions.values()];
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect([...api.subscriptions.values()].slice(0, 120)).toEqual(before);
  });

  test('that a key with the right to read only cannot make is refused', async () => {
    api.faults.push(
      { status: 200, body: [] },
      { status: 401, body: { code: 'woocommerce_rest_cannot_create' } },
    );
    expect(await repair()).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});
