import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stripe } from '../../src/sources/stripe/stripe.ts';
import { type StripeStandIn, saveStripeCustomer, startStripeApi, stripeCustomer } from '../vendors/stripe.ts';
import { keptOf } from './keys.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const until = new Date('2026-11-20T12:00:00.500Z');
const end = Math.floor(until.getTime() / 1000);
const day = 86_400;
const daysBefore = (days: number) => new Date(until.getTime() - days * day * 1000);
const url = new URL('https://relay.example.com/api/webhooks/stripe');
const wanted = { url, secretNames: ['stripe-signing-secret'] };

let api: StripeStandIn;
beforeEach(async () => {
  api = await startStripeApi();
});
afterEach(() => api.close());

const context = (options: object = {}, more: object = {}) =>
  contextOf(
    stripe,
    { api: { baseUrl: api.url, pageSize: 3, ...more }, ...options },
    { 'stripe-restricted-key': 'a-token\n' },
  );
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => recordId);
const save = (id: string, secondsBefore: number, changes: Record<string, unknown> = {}) =>
  saveStripeCustomer(api, id, changes, end - secondsBefore);

describe('events of the last 30 days', () => {
  test.each([0, 1, 3, 4, 6, 7])('are read, each once, the newest first: %i', async (count) => {
    for (let n = 1; n <= count; n++) save(`cus_${n}`, n * 60);
    const all = Array.from({ length: count }, (_, n) => `cus_${n + 1}`);
    expect(idsOf(await readAll(stripe, { since: daysBefore(1), until }, context()))).toEqual(all);
  });

  test('are those of the window, its ends included, and the reading goes on where it stopped', async () => {
    for (const [n, ago] of [-1, 0, 60, 120, 180, 3600, 3601].entries()) save(`cus_${n}`, ago);
    const window = { since: new Date(until.getTime() - 3_600_000), until };
    const all = ['cus_1', 'cus_2', 'cus_3', 'cus_4', 'cus_5'];
    expect(idsOf(await readAll(stripe, window, context()))).toEqual(all);
    const first = await readOne(stripe, window, context());
    if (first.type !== 'page' || first.next === undefined) throw new Error('no next page');
    expect(idsOf(first.customers)).toEqual(all.slice(0, 3));
    expect(idsOf(await readAll(stripe, { ...window, at: first.next }, context()))).toEqual(all.slice(3));
  });

  test('of one who is saved while the pages are read move nobody else', async () => {
    for (let n = 1; n <= 6; n++) save(`cus_${n}`, n * 60);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) save('cus_1', -60, { email: 'new@example.com' });
    };
    expect(await readAll(stripe, { since: daysBefore(1), until }, context())).toHaveLength(6);
  });

  test('that ended in the middle of a run, as they got too old, end the reading of no other', async () => {
    for (let n = 1; n <= 6; n++) save(`cus_${n}`, n * 60);
    let pages = 0;
    api.beforePage = () => {
      const kept = (api.events.get('') ?? []).filter(({ created }) => created !== end - 180);
      if (++pages === 2) api.events.set('', kept);
    };
    const read = await readAll(stripe, { since: daysBefore(1), until }, context());
    expect(idsOf(read)).toEqual(['cus_1', 'cus_2', 'cus_3', 'cus_4', 'cus_5', 'cus_6']);
  });

  test('of connected accounts are read with those of the account itself', async () => {
    save('cus_1', 60);
    saveStripeCustomer(api, 'cus_2', {}, end - 60, 'acct_2');
    saveStripeCustomer(api, 'cus_3', {}, end - 60, 'acct_3');
    const connected = context({ connectedAccounts: ['acct_2'] });
    const read = await readAll(stripe, { since: daysBefore(1), until }, connected);
    expect(read.map(({ recordId, payload }) => [recordId, payload])).toEqual([
      ['cus_1', expect.not.objectContaining({ account: expect.anything() })],
      ['cus_2', expect.objectContaining({ account: 'acct_2' })],
    ]);
  });

  test('of the other mode, or from before, are told, not taken', async () => {
    save('cus_1', 60);
    const window = { since: daysBefore(1), until };
    expect(await readOne(stripe, window, context({ livemode: false }))).toMatchObject({
      type: 'not-told',
      reason: expect.stringContaining('mode'),
    });
    const data = [{ ...save('cus_2', 60), created: end - 5 * day }];
    api.faults.push({ status: 200, body: { object: 'list', data, has_more: false } });
    expect(await readOne(stripe, window, context())).toMatchObject({ type: 'not-told' });
  });
});

describe('what is older than 30 days', () => {
  test.each([
    ['without a beginning', undefined],
    ['from longer ago', daysBefore(40)],
  ])('is read as all customers as they are, and the events since: %s', async (_, since) => {
    api.customers.set('cus_old', stripeCustomer('cus_old', { created: end - 90 * day }));
    for (let n = 1; n <= 4; n++)
      api.customers.set(`cus_${n}`, stripeCustomer(`cus_${n}`, { created: end - (50 + n) * day }));
    save('cus_1', 60, { email: 'new@example.com' });
    const read = await readAll(stripe, { ...(since && { since }), until }, context());
    expect(idsOf(read)).toEqual(['cus_1', 'cus_2', 'cus_3', 'cus_4', 'cus_old', 'cus_1']);
    expect(read[0]).not.toHaveProperty('changedAt');
    const mapped = await (await shippedMapping(stripe)).map(read[0]?.payload, until);
    const made = new Date((end - 51 * day) * 1000).toISOString();
    expect(mapped).toMatchObject({
      changes: [{ occurredAt: made, fields: { EmailAddress: 'new@example.com' } }],
    });
  });

  test.each([undefined, daysBefore(1)])(
    'is all that is compared, in each account: since %s',
    async (since) => {
      api.customers.set('cus_old', stripeCustomer('cus_old', { created: end - 90 * day }));
      save('cus_1', 60, { email: 'new@example.com' });
      saveStripeCustomer(api, 'cus_2', {}, end - 60, 'acct_2');
      const window = { ...(since && { since }), until, isCompared: true } as const;
      const read = await readAll(stripe, window, context({ connectedAccounts: ['acct_2'] }));
      expect(read).not.toContainEqual(expect.objectContaining({ changedAt: expect.anything() }));
      expect(idsOf(read).toSorted()).toEqual([
        ...['cus_1', 'cus_1'],
        ...['cus_2', 'cus_2'],
        ...['cus_old', 'cus_old'],
      ]);
    },
  );

  test('one who is deleted while the pages are read hides nobody', async () => {
    for (let n = 1; n <= 7; n++)
      api.customers.set(`cus_${n}`, stripeCustomer(`cus_${n}`, { created: end - n * day }));
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) api.customers.delete('cus_3');
    };
    const all = ['cus_1', 'cus_2', 'cus_3', 'cus_4', 'cus_5', 'cus_6', 'cus_7'];
    expect(idsOf(await readAll(stripe, { until }, context()))).toEqual(all);
  });
});

test('an event that is read makes the same change as its webhook', async () => {
  save('cus_1', 120);
  const event = save('cus_1', 60, { email: 'new@example.com', phone: '+18015550199' });
  const [read] = await readAll(stripe, { since: daysBefore(1), until }, context());
  const mapping = await shippedMapping(stripe);
  const { content } = stripe.read(keptOf(stripe, {}, JSON.stringify(event)), context().options);
  const expected = content.type === 'changes' && (await mapping.map(content.payload, until));
  expect(expected).toMatchObject({ ok: true, changes: [{ fields: { EmailAddress: 'new@example.com' } }] });
  expect(await mapping.map(read?.payload, until)).toEqual(expected);
});

describe('what Stripe answers instead', () => {
  const window = { since: daysBefore(1), until };
  test.each([
    [{ status: 429 }, { type: 'unavailable', status: 429 }],
    [
      { status: 429, headers: { 'retry-after': '2' } },
      { type: 'unavailable', status: 429, retryAfterMs: 2000 },
    ],
    [
      { status: 409, headers: { 'stripe-should-retry': 'true' } },
      { type: 'unavailable', status: 409 },
    ],
    [{ status: 409 }, { type: 'refused-by-vendor', status: 409 }],
    [
      { status: 400, body: {} },
      { type: 'refused-by-vendor', status: 400 },
    ],
    [
      { status: 403, body: {} },
      { type: 'refused-by-vendor', status: 403 },
    ],
    [{ status: 500 }, { type: 'unavailable', status: 500 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [
      { status: 200, body: { object: 'event' } },
      { type: 'not-told', reason: expect.any(String) },
    ],
  ])('%j', async (fault, expected) => {
    save('cus_1', 60);
    api.faults.push(fault);
    expect(await readOne(stripe, window, context())).toEqual(expected);
    expect(await readAll(stripe, window, context())).toHaveLength(1);
  });

  test('a key that it does not take is refused', async () => {
    api.tokens.clear();
    expect(await readOne(stripe, window, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});

test('without options.api nothing is asked', async () => {
  const nothing = contextOf(stripe, {}, {});
  expect(await readOne(stripe, { until }, nothing)).toMatchObject({ type: 'not-told' });
  expect(await stripe.subscription?.look(wanted, nothing)).toMatchObject({ type: 'not-told' });
});

describe('the endpoint', () => {
  const look = () => stripe.subscription?.look(wanted, context());
  const repair = () => stripe.subscription?.repair(wanted, context());
  const endpoint = (id: string, more: object = {}) =>
    api.subscriptions.set(id, { id, url: url.href, status: 'enabled', enabled_events: ['*'], ...more });

  test('that is as it should be has no problem, however many there are', async () => {
    for (let n = 1; n <= 120; n++) endpoint(`we_${n}`, { url: `https://other.example.com/${n}` });
    endpoint('we_ours', { enabled_events: ['customer.created', 'customer.updated'] });
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('that Stripe disabled, or that lacks an event, is told, and corrected', async () => {
    endpoint('we_1', { status: 'disabled', enabled_events: ['customer.deleted', 'customer.updated'] });
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the endpoint is switched off', 'the event customer.created is missing'],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('we_1')).toMatchObject({
      status: 'enabled',
      enabled_events: ['customer.deleted', 'customer.updated', 'customer.created'],
    });
  });

  test('that is not there is left to a person, as a new one would sign with another secret', async () => {
    endpoint('we_1', { url: 'https://other.example.com/', status: 'disabled' });
    const foreign = api.subscriptions.get('we_1');
    const problems = ['the endpoint is missing here: it has another address'];
    expect(await look()).toEqual({ type: 'found', problems });
    expect(await repair()).toEqual({ type: 'found', problems });
    expect([...api.subscriptions.values()]).toEqual([foreign]);
  });
});
