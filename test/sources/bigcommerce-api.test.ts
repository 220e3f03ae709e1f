import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bigcommerce } from '../../src/sources/bigcommerce/bigcommerce.ts';
import { type BigStandIn, bigCustomer, startBigCommerceApi } from '../vendors/bigcommerce.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/bigcommerce');
const wanted = { url, secretNames: ['bigcommerce-webhook-secret'] };

let api: BigStandIn;
beforeEach(async () => {
  api = await startBigCommerceApi();
});
afterEach(() => api.close());

const context = (more: object = {}) =>
  contextOf(
    bigcommerce,
    { storeHash: 'abc123xyz', idAttribute: 4, baseUrl: api.url, pageSize: 3, ...more },
    { 'bigcommerce-access-token': 'a-token\n', 'bigcommerce-webhook-secret': 'a-secret' },
  );

const add = (id: number, modified: string, changes: object = {}) =>
  api.customers.set(String(id), bigCustomer(id, { date_modified: at(modified).toISOString(), ...changes }));
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => Number(recordId));
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

/** Customers 1 to n, one changed each minute from 10:00 on, the newest first. */
function fill(count: number) {
  for (let n = count; n >= 1; n--) add(n, `10:${String(n - 1).padStart(2, '0')}:00`);
}

describe('customers that changed', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'are read in the order of their changes, each once: %i',
    async (count) => {
      fill(count);
      expect(idsOf(await readAll(bigcommerce, window, context()))).toEqual(upTo(count));
    },
  );

  test('are those of the window, its ends included', async () => {
    fill(7);
    const read = await readAll(bigcommerce, { since: at('10:02:00'), until: at('10:04:00') }, context());
    expect(idsOf(read)).toEqual([3, 4, 5]);
    expect(read[0]?.changedAt).toBe('2026-11-20T10:02:00.000Z');
    expect(idsOf(await readAll(bigcommerce, { until: at('10:01:00') }, context()))).toEqual([1, 2]);
  });

  test('the reading goes on where it stopped', async () => {
    fill(7);
    const first = await readOne(bigcommerce, window, context());
    if (first.type !== 'page' || first.next === undefined) throw new Error('no next page');
    expect(idsOf(first.customers)).toEqual([1, 2, 3]);
    expect(idsOf(await readAll(bigcommerce, { ...window, at: first.next }, context()))).toEqual([4, 5, 6, 7]);
  });

  test('more than a page of the same second, as after an import, hides nobody', async () => {
    for (let id = 1; id <= 10; id++) add(id, '11:00:00');
    add(11, '11:00:01');
    expect(idsOf(await readAll(bigcommerce, window, context()))).toEqual(upTo(11));
  });

  test('one of them who is saved meanwhile hides nobody, either', async () => {
    for (let id = 1; id <= 10; id++) add(id, '11:00:00');
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 3) add(1, '12:30:00');
    };
    const read = new Set(idsOf(await readAll(bigcommerce, window, context())));
    expect([...read].toSorted((a, b) => a - b)).toEqual(upTo(10));
  });

  test('one who changes while the pages are read moves nobody else, and is read the next time', async () => {
    fill(9);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) for (const id of [1, 5]) add(id, '12:30:00');
    };
    expect(idsOf(await readAll(bigcommerce, window, context()))).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    const nextTime = { since: at('11:58:00'), until: at('13:00:00') };
    expect(idsOf(await readAll(bigcommerce, nextTime, context())).toSorted()).toEqual([1, 5]);
  });

  test('a DirectScale id that is not among the first ten attributes is asked for', async () => {
    const others = upTo(12).map((n) => ({ attribute_id: 100 + n, attribute_value: 'x' }));
    add(1, '11:00:00', { attributes: [...others, { attribute_id: 4, attribute_value: '10542' }] });
    const [read] = await readAll(bigcommerce, window, context());
    expect(read?.payload).toMatchObject({ customerId: '10542' });
  });

  test.each([
    ['from before', [bigCustomer(1, { date_modified: '2020-01-01T00:00:00Z' })]],
    [
      'in another order',
      [
        bigCustomer(1, { date_modified: '2026-11-20T11:00:00Z' }),
        bigCustomer(2, { date_modified: '2026-11-20T10:59:00Z' }),
      ],
    ],
  ])('%s are told, not taken', async (_, data) => {
    api.faults.push({ status: 200, body: { data } });
    expect(await readOne(bigcommerce, window, context())).toMatchObject({ type: 'not-told' });
  });
});

test('a customer who is read makes the same change as her webhook', async () => {
  api.customers.set('32', bigCustomer(32));
  const [read] = await readAll(bigcommerce, { until: at('23:00:00') }, context());
  const mapping = await shippedMapping(bigcommerce);
  const record = { scope: 'store/customer/created', customer: '32' };
  const fetched = await bigcommerce.fetch?.(record, context());
  const expected = fetched?.type === 'found' && (await mapping.map(fetched.payload, at('22:00:00')));
  expect(expected).toMatchObject({ ok: true, changes: [{ recordId: '32' }] });
  expect(await mapping.map(read?.payload, at('22:00:00'))).toEqual(expected);
});

describe('what BigCommerce answers instead', () => {
  test.each([
    [
      { status: 429, headers: { 'x-rate-limit-time-reset-ms': '12500' } },
      { type: 'unavailable', status: 429, retryAfterMs: 12_500 },
    ],
    [{ status: 429 }, { type: 'unavailable', status: 429 }],
    [
      { status: 503, headers: { 'retry-after': '4' } },
      { type: 'unavailable', status: 503, retryAfterMs: 4000 },
    ],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [{ status: 403 }, { type: 'refused-by-vendor', status: 403 }],
    [{ status: 422 }, { type: 'refused-by-vendor', status: 422 }],
    [
      { status: 200, body: { data: [{ id: 1 }] } },
      { type: 'not-told', reason: expect.any(String) },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(bigcommerce, window, context())).toEqual(expected);
    expect(await readAll(bigcommerce, window, context())).toHaveLength(1);
  });

  test('a token that ran out on the way is refused, and the page is read with another one', async () => {
    fill(5);
    const first = await readOne(bigcommerce, window, context());
    if (first.type !== 'page' || first.next === undefined) throw new Error('no next page');
    api.tokens.clear();
    const rest = { ...window, at: first.next };
    expect(await readOne(bigcommerce, rest, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
    api.tokens.add('a-token');
    expect(idsOf(await readAll(bigcommerce, rest, context()))).toEqual([4, 5]);
  });
});

describe('the hooks', () => {
  const look = () => bigcommerce.subscription?.look(wanted, context());
  const repair = (more: object = {}) => bigcommerce.subscription?.repair(wanted, context(more));
  const hook = (id: number, scope: string, more: object = {}) =>
    api.subscriptions.set(String(id), { id, scope, destination: url.href, is_active: true, ...more });

  test('that are as they should be have no problem', async () => {
    hook(1, 'store/customer/*');
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('that BigCommerce switched off are told, and switched on', async () => {
    hook(1, 'store/customer/*', { is_active: false, headers: { 'X-Relay-Key': 'a-secret' } });
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the hook of store/customer/* is switched off'],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('1')).toMatchObject({ headers: { 'X-Relay-Key': 'a-secret' } });
  });

  test('that are missing are made, with the header of the source', async () => {
    hook(1, 'store/customer/updated');
    expect(await look()).toEqual({
      type: 'found',
      problems: [
        'the scope store/customer/created is missing',
        'the scope store/customer/address/created is missing',
        'the scope store/customer/address/updated is missing',
      ],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.size).toBe(4);
    expect(api.subscriptions.get('4')).toEqual({
      id: 4,
      scope: 'store/customer/address/updated',
      destination: url.href,
      is_active: true,
      headers: { 'X-Relay-Key': 'a-secret' },
    });
  });

  test('that are signed are made without a header', async () => {
    await repair({ authentication: 'signature' });
    expect(api.subscriptions.get('1')).not.toHaveProperty('headers');
  });

  test('with another address are told, and left alone', async () => {
    hook(1, 'store/customer/*', { destination: 'https://other.example.com/', is_active: false });
    const foreign = api.subscriptions.get('1');
    expect(await look()).toMatchObject({
      problems: expect.arrayContaining([
        'the scope store/customer/updated is missing here: it goes to another address',
      ]),
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('1')).toBe(foreign);
  });

  test('that the token may not see are refused', async () => {
    api.tokens.clear();
    expect(await repair()).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});
