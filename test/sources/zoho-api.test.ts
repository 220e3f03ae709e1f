import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { zoho } from '../../src/sources/zoho/zoho.ts';
import { startZohoApi, type ZohoStandIn, zohoContact } from '../vendors/zoho.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/zoho');
const wanted = { url, secretNames: ['channel', 'channel-before'] };

let api: ZohoStandIn;
beforeEach(async () => {
  api = await startZohoApi();
});
afterEach(() => api.close());

const secrets = {
  'zoho-client-secret': 'a secret',
  'zoho-refresh-token': 'refresh-1',
  channel: 'the-token-of-the-channel\n',
  'channel-before': 'the-token-from-before',
};
const context = (more: object = {}, given: Record<string, string> = secrets) =>
  contextOf(
    zoho,
    { dataCentre: 'us', clientId: '1000.A', baseUrl: api.url, accountsUrl: api.url, ...more },
    given,
  );
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => recordId);
const idOf = (n: number) => String(3_652_397_000_000_649_000n + BigInt(n));

/** With the offset of the organization, as Zoho writes it. */
function add(n: number, time = '11:00:00', changes: object = {}) {
  const hour = String(Number(time.slice(0, 2)) - 7).padStart(2, '0');
  const Modified_Time = `2026-11-20T${hour}${time.slice(2)}-07:00`;
  api.customers.set(idOf(n), zohoContact(idOf(n), { Modified_Time, ...changes }));
}
const fill = (count: number) => {
  for (let n = 1; n <= count; n++) add(n);
};

describe('records that changed', () => {
  test('are read page by page, each once, though all have one and the same time', async () => {
    fill(250);
    expect(idsOf(await readAll(zoho, window, context()))).toEqual(
      Array.from({ length: 250 }, (_, index) => idOf(index + 1)),
    );
  });

  test('come in the order of their changes, and the reading goes on where it stopped', async () => {
    fill(100);
    add(101, '11:30:00');
    add(102, '10:30:00');
    const first = await readOne(zoho, window, context());
    if (first.type !== 'page') throw new Error(first.type);
    expect(first.customers[0]).toMatchObject({ recordId: idOf(102), changedAt: '2026-11-20T10:30:00.000Z' });
    expect(first.next).toEqual({ stamp: '2026-11-20T11:00:00.000Z', id: idOf(99) });
    const rest = await readAll(zoho, { ...window, at: first.next ?? null }, context());
    expect(idsOf(rest)).toEqual([idOf(100), idOf(101)]);
  });

  test('are those of the window, its ends included', async () => {
    add(1, '09:59:59');
    add(2, '10:00:00');
    add(3, '12:00:00');
    add(4, '12:00:01');
    expect(idsOf(await readAll(zoho, window, context()))).toEqual([idOf(2), idOf(3)]);
    expect(idsOf(await readAll(zoho, { until: window.until }, context()))).toEqual([1, 2, 3].map(idOf));
  });

  test('one that changes while the pages are read moves no other, and comes as it is then', async () => {
    fill(250);
    let pages = 0;
    api.beforeRecords = () => {
      if (++pages === 1) {
        add(7, '12:30:00', { First_Name: 'Mary' });
        api.customers.delete(idOf(8));
      }
    };
    const read = await readAll(zoho, window, context());
    expect(idsOf(read)).toHaveLength(249);
    expect(read.find(({ recordId }) => recordId === idOf(7))).toMatchObject({
      changedAt: '2026-11-20T12:30:00.000Z',
      payload: { record: { First_Name: 'Mary' } },
    });
  });

  test('nothing changed: an empty page, and the end', async () => {
    expect(await readOne(zoho, window, context())).toEqual({ type: 'page', customers: [] });
  });

  test('of another module, and further fields, where the options say so', async () => {
    add(1);
    const [without] = await readAll(zoho, window, context());
    expect(without?.payload).not.toHaveProperty('record.DirectScale_Field_1');
    const [read] = await readAll(zoho, window, context({ fields: ['DirectScale_Field_1'] }));
    expect(read?.payload).toHaveProperty('record.DirectScale_Field_1', 'gold');
    api.faults.push({ status: 204 });
    await readOne(zoho, window, context({ module: 'Members' }));
    expect(api.requests.at(-1)?.body).toContain('from Members where');
  });
});

test('a record that is read makes the same change as its notification', async () => {
  const id = '3652397000000649013';
  api.customers.set(id, zohoContact(id));
  const fields = ['Secondary_Phone', 'Language', 'Tax_Id', 'Field_1', 'Field_7'].map(
    (name) => `DirectScale_${name}`,
  );
  const [read] = await readAll(zoho, { until: at('23:00:00') }, context({ fields }));
  api.faults.push({ status: 200, body: { data: [zohoContact(id)] } });
  const fetched = await zoho.fetch?.({ record: id }, context());
  if (fetched?.type !== 'found') throw new Error(fetched?.type);
  const mapping = await shippedMapping(zoho);
  const expected = await mapping.map(fetched.payload, at('22:00:00'));
  expect(expected).toMatchObject({
    ok: true,
    changes: [{ recordId: id, customer: { customerId: '10542' } }],
  });
  expect(await mapping.map(read?.payload, at('22:00:00'))).toEqual(expected);
});

describe('what Zoho answers instead', () => {
  test.each([
    [
      { status: 429, headers: { 'retry-after': '3' } },
      { type: 'unavailable', status: 429, retryAfterMs: 3000 },
    ],
    [{ status: 500 }, { type: 'unavailable', status: 500 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [
      { status: 200, body: { hello: 1 } },
      { type: 'not-told', reason: expect.any(String) },
    ],
    [
      { status: 400, body: { code: 'INVALID_QUERY' } },
      { type: 'refused-by-vendor', status: 400 },
    ],
    [
      { status: 401, body: { code: 'OAUTH_SCOPE_MISMATCH' } },
      { type: 'refused-by-vendor', status: 401 },
    ],
    [
      { status: 302, headers: { location: 'https://example.com/' } },
      { type: 'refused-by-vendor', status: 302 },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    await readOne(zoho, window, context());
    api.faults.push(fault);
    expect(await readOne(zoho, window, context())).toEqual(expected);
    expect(await readAll(zoho, window, context())).toHaveLength(1);
  });

  const page = (Modified_Time: string) => ({
    status: 200,
    body: { data: [{ id: idOf(1), Modified_Time }], info: { more_records: true } },
  });

  test('records from before the time that was asked for are told, not taken for changes', async () => {
    await readOne(zoho, window, context());
    api.faults.push(page('2026-11-19T11:00:00+00:00'));
    expect(await readOne(zoho, window, context())).toMatchObject({ type: 'not-told' });
  });

  test('a page that comes again is told: others would be left out', async () => {
    await readOne(zoho, window, context());
    api.faults.push(page('2026-11-20T11:00:00+00:00'));
    const place = { stamp: '2026-11-20T11:00:00.000Z', id: idOf(1) };
    expect(await readOne(zoho, { ...window, at: place }, context())).toMatchObject({ type: 'not-told' });
  });

  test('a token that ran out is replaced by another one, in the middle of a run', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    fill(250);
    let pages = 0;
    api.beforeRecords = () => {
      if (++pages !== 1) return;
      api.tokens.clear();
      vi.advanceTimersByTime(10 * 60_000);
    };
    expect(await readAll(zoho, window, context())).toHaveLength(250);
    expect(api.requests.filter(({ url: asked }) => asked === '/oauth/v2/token')).toHaveLength(2);
  });

  test('a refresh token that it does not take is refused', async () => {
    const other = context({}, { ...secrets, 'zoho-refresh-token': 'other' });
    expect(await readOne(zoho, window, other)).toEqual({ type: 'refused-by-vendor', status: 200 });
  });
});

describe('the notification channel', () => {
  const look = () => zoho.subscription?.look(wanted, context());
  const repair = () => zoho.subscription?.repair(wanted, context());
  const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();
  const channel = (channel_id: string, more: object = {}) =>
    api.subscriptions.set(channel_id, {
      channel_id,
      notify_url: url.href,
      events: ['Contacts.create', 'Contacts.edit', 'Contacts.delete'],
      channel_expiry: hours(100),
      token: 'the-token-from-before',
      ...more,
    });

  test('that is as it should be has no problem, and says until when', async () => {
    channel('7', { notify_url: 'https://other.example.com/' });
    channel('8', { notify_url: 'https://other.example.com/' });
    channel('9');
    expect(await look()).toEqual({
      type: 'found',
      problems: [],
      endsAt: api.subscriptions.get('9')?.channel_expiry,
    });
  });

  test('that has ended is told, and made again', async () => {
    channel('1000000068001', { channel_expiry: hours(-1) });
    expect(await look()).toEqual({
      type: 'found',
      problems: ['there is no channel to this address: it was never made, or it has ended'],
    });
    expect(await repair()).toMatchObject({ type: 'found', problems: [] });
    expect(api.subscriptions.get('1000000068001')).toMatchObject({
      notify_url: url.href,
      events: ['Contacts.all'],
      token: 'the-token-of-the-channel',
      return_affected_field_values: true,
    });
  });

  test('says when it ends, and is renewed; what else it was told to do stays', async () => {
    channel('9', { channel_expiry: hours(25), notification_condition: [{ type: 'field_selection' }] });
    expect(await look()).toEqual({
      type: 'found',
      problems: [],
      endsAt: api.subscriptions.get('9')?.channel_expiry,
    });
    const state = await repair();
    expect(state).toMatchObject({ type: 'found', problems: [] });
    const endsAt = state?.type === 'found' ? Date.parse(state.endsAt ?? '') : 0;
    expect(endsAt).toBeGreaterThan(Date.now() + 143 * 3_600_000);
    expect(api.subscriptions.get('9')).toMatchObject({
      events: ['Contacts.create', 'Contacts.edit', 'Contacts.delete'],
      notification_condition: [{ type: 'field_selection' }],
    });
    expect(api.subscriptions.size).toBe(1);
  });

  test('that Zoho grants for a day only says so, although it was renewed for longer', async () => {
    channel('9', { channel_expiry: hours(3) });
    api.longestMs = 24 * 3_600_000;
    const state = await repair();
    const endsAt = state?.type === 'found' ? Date.parse(state.endsAt ?? '') : 0;
    expect(Math.abs(endsAt - Date.now() - api.longestMs)).toBeLessThan(60_000);
  });

  test('with other events, or another token, is told, and corrected', async () => {
    channel('9', { events: ['Contacts.edit', 'Leads.edit'], token: 'another' });
    expect(await look()).toMatchObject({
      problems: ['Contacts.create is not subscribed', 'its token is none of the secrets of the source'],
    });
    expect(await repair()).toMatchObject({ type: 'found', problems: [] });
    expect(api.subscriptions.get('9')).toMatchObject({
      events: ['Leads.edit', 'Contacts.all'],
      token: 'the-token-of-the-channel',
    });
  });

  test('with the same id and another address is told, and left alone', async () => {
    channel('1000000068001', { notify_url: 'https://other.example.com/' });
    const state = await look();
    expect(state).toMatchObject({ problems: [expect.stringContaining('another address')] });
    expect(await repair()).toEqual(state);
    expect(
      api.requests.every(({ method, url: asked }) => method === 'GET' || asked === '/oauth/v2/token'),
    ).toBe(true);
  });

  test('that Zoho does not tell, or does not let be changed, is no state', async () => {
    await look();
    api.faults.push({ status: 429 });
    expect(await look()).toEqual({ type: 'unavailable', status: 429 });
    channel('9', { channel_expiry: hours(3) });
    const list = { watch: [...api.subscriptions.values()] };
    api.faults.push({ status: 200, body: list }, { status: 207, body: { watch: [{ status: 'error' }] } });
    expect(await repair()).toEqual({ type: 'refused-by-vendor', status: 207 });
  });
});
