import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adobeCommerce } from '../../src/sources/adobe-commerce/adobe-commerce.ts';
import { oauthHeader } from '../../src/sources/adobe-commerce/oauth1.ts';
import { type AdobeStandIn, adobeCustomer, adobeEvent, startAdobeApi } from '../vendors/adobe-commerce.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/commerce');
const wanted = { url, secretNames: ['commerce-public-key'] };

let api: AdobeStandIn;
beforeEach(async () => {
  api = await startAdobeApi();
});
afterEach(() => api.close());

const secrets = {
  'commerce-consumer-key': 'a-key',
  'commerce-consumer-secret': 'a-consumer-secret',
  'commerce-access-token': 'a-token\n',
  'commerce-access-token-secret': 'a-token-secret',
  'adobe-client-secret': 'client-secret',
};
const context = (more: object = {}, options: object = {}) =>
  contextOf(
    adobeCommerce,
    {
      product: 'io-events',
      clientId: 'client-1',
      api: { authentication: 'oauth', baseUrl: `${api.url}/rest/all`, pageSize: 3, ...more },
      ims: { scopes: 'openid,AdobeID', baseUrl: api.url },
      registrations: {
        organization: 'org-1',
        project: 'project-1',
        workspace: 'workspace-1',
        baseUrl: api.url,
      },
      ...options,
    },
    secrets,
  );

const add = (id: number, updated: string, changes: object = {}) =>
  api.customers.set(String(id), adobeCustomer(id, { updated_at: `2026-11-20 ${updated}`, ...changes }));
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => Number(recordId));
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

/** Customers 1 to n, one changed each minute from 10:00 on, the newest first. */
function fill(count: number) {
  for (let n = count; n >= 1; n--) add(n, `10:${String(n - 1).padStart(2, '0')}:00`);
}

describe('customers that changed', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'are read in the order of their changes, each once: %i',
    async (count) => {
      fill(count);
      expect(idsOf(await readAll(adobeCommerce, window, context()))).toEqual(upTo(count));
    },
  );

  test('are those of the window, its ends included, and the reading goes on where it stopped', async () => {
    fill(7);
    const some = { since: at('10:01:00'), until: at('10:05:00') };
    const read = await readAll(adobeCommerce, some, context());
    expect(read.map(({ changedAt }) => changedAt?.slice(11))).toEqual([
      '10:01:00Z',
      '10:02:00Z',
      '10:03:00Z',
      '10:04:00Z',
      '10:05:00Z',
    ]);
    const first = await readOne(adobeCommerce, some, context());
    if (first.type !== 'page' || first.next === undefined) throw new Error('no next page');
    expect(idsOf(await readAll(adobeCommerce, { ...some, at: first.next }, context()))).toEqual([5, 6]);
  });

  test('more than a page of the same second, of whom one is saved meanwhile, hides nobody', async () => {
    for (let id = 1; id <= 9; id++) add(id, '11:00:00');
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 3) add(1, '12:30:00');
    };
    expect(new Set(idsOf(await readAll(adobeCommerce, window, context()))).size).toBe(9);
  });

  test('one who changes while the pages are read moves nobody else, and is read the next time', async () => {
    fill(6);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) for (const id of [1, 5]) add(id, '12:30:00');
    };
    expect(idsOf(await readAll(adobeCommerce, window, context()))).toEqual([1, 2, 3, 4, 6]);
    const nextTime = { since: at('11:58:00'), until: at('13:00:00') };
    expect(idsOf(await readAll(adobeCommerce, nextTime, context()))).toEqual([1, 5]);
  });

  test('a last page that comes again for each one after it ends the reading', async () => {
    const items = upTo(3).map((id) => adobeCustomer(id, { updated_at: '2026-11-20 11:00:00' }));
    const answer = { status: 200, body: { items, total_count: 1000 } };
    api.faults.push(answer, answer, answer, answer);
    expect(idsOf(await readAll(adobeCommerce, window, context()))).toEqual([1, 2, 3]);
  });

  test('from before are told, not taken', async () => {
    const items = [adobeCustomer(1, { updated_at: '2020-01-01 00:00:00' })];
    api.faults.push({ status: 200, body: { items, total_count: 1 } });
    expect(await readOne(adobeCommerce, window, context())).toMatchObject({ type: 'not-told' });
  });
});

test.each(['io-events', 'commerce-webhooks'])(
  'a customer who is read makes the same change as her event: %s',
  async (product) => {
    api.customers.set('65', adobeCustomer(65));
    const [read] = await readAll(adobeCommerce, { until: at('23:00:00') }, context({}, { product }));
    const mapping = await shippedMapping(adobeCommerce);
    const file = 'test/fixtures/adobe-commerce/io-events.customer-save-commit-after.json';
    const expected = await mapping.map([JSON.parse(await readFile(file, 'utf8'))], at('22:00:00'));
    expect(expected).toMatchObject({ ok: true, changes: [{ recordId: '65' }] });
    expect(await mapping.map(read?.payload, at('22:00:00'))).toEqual(expected);
  },
);

describe('what the shop answers instead', () => {
  test.each([
    [
      { status: 429, headers: { 'retry-after': '5' } },
      { type: 'unavailable', status: 429, retryAfterMs: 5000 },
    ],
    [{ status: 503 }, { type: 'unavailable', status: 503 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [
      { status: 400, body: {} },
      { type: 'refused-by-vendor', status: 400 },
    ],
    [
      { status: 403, body: {} },
      { type: 'refused-by-vendor', status: 403 },
    ],
    [{ status: 404 }, { type: 'refused-by-vendor', status: 404 }],
    [
      { status: 200, body: { items: [{}], total_count: 1 } },
      { type: 'not-told', reason: expect.any(String) },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(adobeCommerce, window, context())).toEqual(expected);
    expect(await readAll(adobeCommerce, window, context())).toHaveLength(1);
  });
});

describe('a token', () => {
  test.each(['oauth', 'bearer'])('that the shop does not take is refused: %s', async (authentication) => {
    fill(1);
    const asked = contextOf(
      adobeCommerce,
      { product: 'commerce-webhooks', api: { authentication, baseUrl: `${api.url}/rest/all` } },
      secrets,
    );
    expect(await readAll(adobeCommerce, window, asked)).toHaveLength(1);
    api.tokens.clear();
    expect(await readOne(adobeCommerce, window, asked)).toEqual({ type: 'refused-by-vendor', status: 401 });
  });

  test("of Adobe's identity service that ran out is replaced by another one", async () => {
    fill(2);
    const byIms = { authentication: 'ims' };
    expect(await readAll(adobeCommerce, window, context(byIms))).toHaveLength(2);
    api.tokens.clear();
    expect(await readAll(adobeCommerce, window, context(byIms))).toHaveLength(2);
    expect(api.requests.filter(({ url }) => url === '/ims/token/v3')).toHaveLength(2);
  });

  test("signs a request as RFC 5849's example does", () => {
    const header = oauthHeader(
      'GET',
      new URL('http://photos.example.net/photos?file=vacation.jpg&size=original'),
      {
        consumerKey: 'dpf43f3p2l4k3l03',
        consumerSecret: 'kd94hf93k423kf44',
        token: 'nnch734d00sl2jdk',
        tokenSecret: 'pfkkdhi9sl3r4s00',
      },
      { method: 'HMAC-SHA1', nonce: 'chapoH', timestamp: 137131202 },
    );
    expect(header).toContain('oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"');
  });
});

test.each([
  [{ api: { authentication: 'ims', baseUrl: 'https://na1.api.commerce.adobe.com/t' } }],
  [{ api: { authentication: 'oauth', baseUrl: 'http://shop.example.com/rest/all' } }],
  [{ registrations: { organization: '1', project: '2', workspace: '3' } }],
])('options that cannot work are refused: %j', (given) => {
  expect(adobeCommerce.options.safeParse({ product: 'io-events', clientId: 'c', ...given }).success).toBe(
    false,
  );
});

describe('the journal', () => {
  const hour = 3_600_000;
  const ago = (hours: number) => new Date(Date.now() - hours * hour);
  const journal = (more: object = {}) =>
    context(
      {},
      { journal: { url: `${api.url}/journal`, imsOrganization: 'ORG@AdobeOrg', pageSize: 2 }, ...more },
    );
  const happened = (id: number, hours: number, changes: object = {}) =>
    api.journal.push({ event: adobeEvent(id, ago(hours).toISOString(), changes) });
  const last = { since: ago(3), until: new Date() };

  test('tells the events of the window, each once, and the reading goes on where it stopped', async () => {
    for (const [index, hours] of [5, 3.5, 2.9, 2, 1, 0.5, -0.1, -0.2].entries()) happened(index + 1, hours);
    expect(idsOf(await readAll(adobeCommerce, last, journal()))).toEqual([3, 4, 5, 6]);
    const first = await readOne(adobeCommerce, last, journal());
    if (first.type !== 'page' || first.next === undefined) throw new Error('no next page');
    const rest = await readAll(adobeCommerce, { ...last, at: first.next }, journal());
    expect([...idsOf(first.customers), ...idsOf(rest)]).toEqual([3, 4, 5, 6]);
  });

  test('tells of addresses, of no deletion, and of the types of the options alone', async () => {
    const address = { id: '77', customer_id: '65', country_id: 'US' };
    const type = 'com.adobe.commerce.observer.customer_address_save_commit_after';
    api.journal.push({ event: { ...adobeEvent(77, ago(2).toISOString(), address), type } });
    const deleted = 'com.adobe.commerce.observer.customer_delete_commit_after';
    api.journal.push({ event: { ...adobeEvent(9, ago(2).toISOString()), type: deleted } });
    happened(1, 1);
    expect(idsOf(await readAll(adobeCommerce, last, journal()))).toEqual([65, 1]);
    expect(idsOf(await readAll(adobeCommerce, last, journal({ types: [type] })))).toEqual([65]);
  });

  test('makes the same change as the webhook of the event', async () => {
    happened(65, 1);
    const [read] = await readAll(adobeCommerce, last, journal());
    const mapping = await shippedMapping(adobeCommerce);
    const expected = await mapping.map([api.journal[0]?.event], new Date());
    expect(expected).toMatchObject({ ok: true, changes: [{ recordId: '65' }] });
    expect(await mapping.map(read?.payload, new Date())).toEqual(expected);
  });

  test('that lost the position in the meantime is read from its oldest event', async () => {
    for (let id = 1; id <= 6; id++) happened(id, 3 - id / 10);
    const first = await readOne(adobeCommerce, last, journal());
    if (first.type !== 'page' || first.next === undefined) throw new Error('no next page');
    for (const [index, entry] of api.journal.slice(0, 4).entries())
      api.journal[index] = { ...entry, expired: true };
    expect(idsOf(await readAll(adobeCommerce, { ...last, at: first.next }, journal()))).toEqual([5, 6]);
  });

  test('comes after the search in the shop for what is older', async () => {
    const updated_at = ago(24 * 20)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ');
    for (let id = 1; id <= 4; id++) api.customers.set(String(id), adobeCustomer(id, { updated_at }));
    happened(5, 24 * 3);
    happened(1, 1);
    for (const window of [{ until: new Date() }, { since: ago(24 * 30), until: new Date() }])
      expect(idsOf(await readAll(adobeCommerce, window, journal()))).toEqual([1, 2, 3, 4, 5, 1]);
    expect(await readOne(adobeCommerce, { until: new Date() }, journal({ api: undefined }))).toMatchObject({
      type: 'not-told',
    });
  });

  test('is not compared: customers are, as the shop has them', async () => {
    add(1, '10:30:00');
    happened(1, 1, { firstname: 'Before' });
    const compared = { isCompared: true } as const;
    const all = { ...compared, until: new Date() };
    expect(idsOf(await readAll(adobeCommerce, all, journal()))).toEqual([1]);
    expect(await readOne(adobeCommerce, { ...last, ...compared }, journal({ api: undefined }))).toMatchObject(
      {
        type: 'not-told',
      },
    );
  });

  test('without a search in the shop is read as far as it reaches, by the timer after a longer outage', async () => {
    happened(1, 24 * 6.5);
    const { options } = journal({ api: undefined });
    const reaches = adobeCommerce.changesSince?.reachesBackMs?.(options) ?? Number.POSITIVE_INFINITY;
    const window = { since: new Date(Date.now() - reaches), until: new Date() };
    expect(idsOf(await readAll(adobeCommerce, window, journal({ api: undefined })))).toEqual([1]);
    expect(adobeCommerce.changesSince?.reachesBackMs?.(journal().options)).toBeUndefined();
  });

  test('in another form than that of CloudEvents is told', async () => {
    api.journal.push({ event: { time: ago(1).toISOString(), '@type': 'xdmCreated' } });
    expect(await readOne(adobeCommerce, last, journal())).toMatchObject({ type: 'not-told' });
  });

  test.each([
    [
      { status: 429, headers: { 'retry-after': '3' } },
      { type: 'unavailable', status: 429, retryAfterMs: 3000 },
    ],
    [
      { status: 403, body: {} },
      { type: 'refused-by-vendor', status: 403 },
    ],
  ])('is not there: %j', async (fault, expected) => {
    happened(1, 1);
    expect(await readAll(adobeCommerce, last, journal())).toHaveLength(1);
    api.faults.push(fault);
    expect(await readOne(adobeCommerce, last, journal())).toEqual(expected);
  });
});

describe('the event registration', () => {
  const look = (options: object = {}) => adobeCommerce.subscription?.look(wanted, context({}, options));
  const repair = () => adobeCommerce.subscription?.repair(wanted, context());
  const event = { provider_id: 'p', event_code: 'com.adobe.commerce.observer.customer_save_commit_after' };
  const register = (registration_id: string, more: object = {}) =>
    api.subscriptions.set(registration_id, {
      registration_id,
      name: 'Relay',
      client_id: 'client-1',
      webhook_url: url.href,
      webhook_status: 'verified',
      delivery_type: 'webhook',
      enabled: true,
      events_of_interest: [event],
      ...more,
    });

  test('that is as it should be has no problem', async () => {
    register('one');
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('that Adobe switched off is told, and switched on', async () => {
    register('one', { enabled: false, webhook_status: 'hook_unreachable' });
    expect(await look()).toEqual({ type: 'found', problems: ['the event registration is switched off'] });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('one')).toMatchObject({ name: 'Relay', events_of_interest: [event] });
  });

  test('with another status, or without the events of customers, is told', async () => {
    register('one', { webhook_status: 'pending', events_of_interest: [] });
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the status of its webhook is pending', 'no event of a customer is chosen'],
    });
  });

  test('that is not there, or has another address, is told and left alone', async () => {
    expect(await repair()).toEqual({ type: 'found', problems: ['the event registration is missing'] });
    register('one', { webhook_url: 'https://other.example.com/', enabled: false });
    const foreign = api.subscriptions.get('one');
    const problems = ['the event registration is missing here: it has another address'];
    expect(await repair()).toEqual({ type: 'found', problems });
    expect(api.subscriptions.get('one')).toBe(foreign);
  });

  test('cannot be asked for of the Webhooks module, nor where the options do not say where', async () => {
    expect(await look({ product: 'commerce-webhooks' })).toMatchObject({ type: 'not-told' });
    expect(await look({ registrations: undefined })).toMatchObject({
      type: 'not-told',
      reason: expect.stringContaining('options.registrations'),
    });
  });
});
