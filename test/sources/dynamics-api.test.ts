import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { dynamics } from '../../src/sources/dynamics/dynamics.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { startServer } from '../test-server.ts';
import { type DataverseStandIn, dataverseContact, startDataverseApi } from '../vendors/dynamics.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/dynamics');
const wanted = { url, secretNames: ['dynamics-webhook-secret'] };

let api: DataverseStandIn;
beforeEach(async () => {
  api = await startDataverseApi();
});
afterEach(() => api.close());

const secrets = { token: 'a-token\n', secret: 'app-secret\n' };
const context = (more: object = {}) =>
  contextOf(dynamics, { webApi: { host: api.url, tokenSecret: 'token' }, ...more }, secrets);
const byApp = () => ({
  webApi: {
    host: api.url,
    authority: api.url,
    tenantId: 'contoso',
    clientId: 'app-1',
    clientSecret: 'secret',
  },
});
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => recordId);
const idOf = (n: number) => `6d81597f-0f9f-e711-8122-${String(n).padStart(12, '0')}`;

function add(n: number, time = '11:00:00', changes: object = {}) {
  const row = dataverseContact(idOf(n), { modifiedon: `2026-11-20T${time}Z`, ...changes });
  api.customers.set(row.id, row);
}
const fill = (count: number) => {
  for (let n = 1; n <= count; n++) add(n);
};

describe('records that changed', () => {
  test('are read page by page, each once, though all have one and the same time', async () => {
    fill(1200);
    const read = idsOf(await readAll(dynamics, window, context()));
    expect(read).toHaveLength(1200);
    expect(new Set(read).size).toBe(1200);
  });

  test('come by table, each in the order of its changes', async () => {
    add(1, '11:30:00');
    add(2, '11:00:00');
    add(3, '11:15:00', { table: 'account', name: 'Jensen Wellness LLC' });
    const read = await readAll(dynamics, window, context());
    expect(idsOf(read)).toEqual([idOf(2), idOf(1), idOf(3)]);
    expect(read.at(-1)?.payload).toMatchObject({
      object: 'account',
      fields: { name: 'Jensen Wellness LLC' },
    });
  });

  test('the reading goes on where it stopped, and what it keeps for that holds no secret', async () => {
    fill(505);
    const first = await readOne(dynamics, window, context());
    const next = first.type === 'page' ? (first.next ?? null) : null;
    expect(JSON.stringify(next)).not.toMatch(/a-token|maria|http/i);
    const rest = await readAll(dynamics, { ...window, at: next }, context());
    expect(idsOf(rest)).toEqual([501, 502, 503, 504, 505].map(idOf));
  });

  test('are those of the window, its ends included', async () => {
    add(1, '09:59:59');
    add(2, '10:00:00');
    add(3, '12:00:00');
    add(4, '12:00:01');
    expect(idsOf(await readAll(dynamics, window, context()))).toEqual([idOf(2), idOf(3)]);
    expect(idsOf(await readAll(dynamics, { until: window.until }, context()))).toEqual([1, 2, 3].map(idOf));
  });

  test('one that changes while the pages are read moves no other', async () => {
    fill(1100);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) add(1, '12:30:00');
    };
    expect(new Set(idsOf(await readAll(dynamics, window, context()))).size).toBe(1100);
  });

  test('nothing changed: no record, and the end', async () => {
    expect(await readAll(dynamics, window, context())).toEqual([]);
  });

  test('the token goes to no other address, whatever Dataverse calls the next page', async () => {
    fill(501);
    for (const link of ['https://evil.example.com/api/data/v9.2/contacts?x', `${api.url}/elsewhere`, 'x']) {
      api.nextLink = () => link;
      expect(await readOne(dynamics, window, context())).toMatchObject({ type: 'not-told' });
    }
  });
});

describe('a record that is read', () => {
  const mapped = async (payload: unknown) => (await shippedMapping(dynamics)).map(payload, at('22:00:00'));

  test('makes the same change as the webhook that tells the whole record', async () => {
    const columns = JSON.parse(
      await readFile('test/fixtures/dynamics/web-api.contact.response.json', 'utf8'),
    );
    const row = dataverseContact(idOf(7));
    const told = Object.entries(columns).filter(
      ([name, value]) => value !== null && !/@|^_|^(contactid|modifiedon)$/.test(name),
    );
    const modifiedon = `/Date(${Date.parse(row.modifiedon)})/`;
    const account = {
      Id: columns._parentcustomerid_value,
      LogicalName: 'account',
      Name: 'Jensen Wellness LLC',
    };
    const attributes = { ...Object.fromEntries(told), modifiedon, parentcustomerid: account };
    const Attributes = Object.entries(attributes).map(([key, value]) => ({ key, value }));
    const body = Buffer.from(
      JSON.stringify({
        MessageName: 'Create',
        PrimaryEntityName: 'contact',
        PrimaryEntityId: row.id,
        InitiatingUserId: row._modifiedby_value,
        InputParameters: [{ key: 'Target', value: { LogicalName: 'contact', Attributes } }],
      }),
    );
    const { content } = dynamics.read(
      keptBefore({ headers: new Headers(), body }),
      dynamics.options.parse({}),
    );
    if (content.type !== 'changes') throw new Error(content.type);
    api.customers.set(row.id, row);
    const [read] = await readAll(dynamics, { until: at('23:00:00') }, context());
    const change = await mapped(read?.payload);
    expect(change).toMatchObject({
      ok: true,
      changes: [{ recordId: idOf(7), customer: { customerId: '10542' } }],
    });
    expect(change).toEqual(await mapped(content.payload));
  });
});

describe('what Dataverse answers instead', () => {
  test.each([
    [
      { status: 429, headers: { 'retry-after': '200' } },
      { type: 'unavailable', status: 429, retryAfterMs: 200_000 },
    ],
    [{ status: 503 }, { type: 'unavailable', status: 503 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [{ status: 400 }, { type: 'refused-by-vendor', status: 400 }],
    [{ status: 404 }, { type: 'refused-by-vendor', status: 404 }],
    [
      { status: 200, body: { hello: 1 } },
      { type: 'not-told', reason: expect.any(String) },
    ],
    [
      { status: 302, headers: { location: 'https://example.com/' } },
      { type: 'refused-by-vendor', status: 302 },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(dynamics, window, context())).toEqual(expected);
    expect(await readAll(dynamics, window, context())).toHaveLength(1);
  });

  const page = (modifiedon: string) => ({
    status: 200,
    body: {
      value: [{ contactid: idOf(1), modifiedon }],
      '@odata.nextLink': `${api.url}/api/data/v9.2/contacts?$skiptoken=x`,
    },
  });

  test('records from before the time that was asked for are told, not taken for changes', async () => {
    api.faults.push(page('2026-11-19T11:00:00Z'));
    expect(await readOne(dynamics, window, context())).toMatchObject({ type: 'not-told' });
  });

  test('a page without a record that is new is the last one', async () => {
    const again = page('2026-11-20T11:00:00Z');
    api.faults.push(again, again, again);
    const read = await readAll(dynamics, window, context({ tables: { contact: 'contacts' } }));
    expect(idsOf(read)).toEqual([idOf(1), idOf(1)]);
  });

  test('a token that ran out is replaced by another one, for an application', async () => {
    fill(1100);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 1) api.tokens.clear();
    };
    expect(await readAll(dynamics, window, context(byApp()))).toHaveLength(1100);
    expect(api.requests.filter(({ url: asked }) => asked.endsWith('/token'))).toHaveLength(2);
  });

  test("the relay's managed identity is asked for a token, and no secret is read", async () => {
    fill(3);
    const asked: string[] = [];
    await using identity = await startServer((response, { url: path, headers }) => {
      asked.push(`${path} ${headers['x-identity-header']}`);
      const expires_on = String(Math.floor(Date.now() / 1000) + 3600);
      const resource = api.url;
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ access_token: 'a-token', expires_on, resource, token_type: 'Bearer' }));
    });
    vi.stubEnv('IDENTITY_ENDPOINT', `${identity.url.origin}/msi/token`);
    vi.stubEnv('IDENTITY_HEADER', 'of-the-app');
    onTestFinished(() => void vi.unstubAllEnvs());
    const identityClientId = '11111111-2222-4333-8444-555555555555';
    const asIdentity = contextOf(dynamics, { webApi: { host: api.url, identityClientId } }, {});
    expect(await readAll(dynamics, window, asIdentity)).toHaveLength(3);
    expect(asked).toHaveLength(1);
    expect(decodeURIComponent(asked[0] ?? '')).toMatch(
      new RegExp(`resource=${api.url}/?&.*client_id=${identityClientId} of-the-app$`),
    );
  });

  test('a token of the vault that ran out is refused', async () => {
    api.tokens.clear();
    expect(await readOne(dynamics, window, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
  });

  test('a record whose message was too large is read as the application, too', async () => {
    const row = dataverseContact(idOf(1));
    api.faults.push({ status: 200, body: { access_token: 'a-token', expires_in: 3599 } });
    api.faults.push({ status: 200, body: { ...row, contactid: row.id } });
    const named = { object: 'contact', recordId: idOf(1) };
    expect(await dynamics.fetch?.(named, context(byApp()))).toMatchObject({
      type: 'found',
      payload: { customerId: '10542', snapshot: true },
    });
  });
});

describe('the registered webhook', () => {
  const look = () => dynamics.subscription?.look(wanted, context());
  const repair = () => dynamics.subscription?.repair(wanted, context());
  const step = (id: number, more: object = {}) =>
    api.subscriptions.set(idOf(id), {
      id: idOf(id),
      endpoint: idOf(100),
      message: 'Update',
      entity: 'contact',
      statecode: 0,
      postImage: 'new_directscalecustomerid,emailaddress1',
      ...more,
    });

  test('that is as it should be has no problem, its secret in the address or not', async () => {
    api.endpoints.set(idOf(100), `${url.href}?code=whatever`);
    step(1);
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('that is not there, or has another address, is told', async () => {
    expect(await look()).toEqual({ type: 'found', problems: ['no webhook with this address is registered'] });
    api.endpoints.set(idOf(101), 'https://other.example.com/hook');
    step(1, { endpoint: idOf(101), statecode: 1 });
    expect(await repair()).toEqual({
      type: 'found',
      problems: ['no webhook with this address is registered'],
    });
    expect(api.subscriptions.get(idOf(1))?.statecode).toBe(1);
  });

  test('without a step for the tables is told', async () => {
    api.endpoints.set(idOf(100), url.href);
    step(1, { entity: 'lead' });
    expect(await look()).toMatchObject({ problems: [expect.stringContaining('no step for Update')] });
  });

  test('whose step is switched off is told, and switched on; a missing image is told', async () => {
    api.endpoints.set(idOf(100), url.href);
    step(1, { statecode: 1, postImage: 'emailaddress1' });
    step(2, { entity: 'account', postImage: '' });
    const image =
      'the step for Update of contact has no post image with new_directscalecustomerid: it does not tell whose change it is';
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the step for Update of contact is switched off', image],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [image] });
    expect(api.subscriptions.get(idOf(1))).toMatchObject({ statecode: 0, statuscode: 1 });
  });

  test('that the user may not read is not told', async () => {
    api.faults.push({ status: 403, body: { error: { code: '0x80040220' } } });
    expect(await look()).toMatchObject({ type: 'not-told' });
    api.tokens.clear();
    expect(await look()).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});

test('without options.webApi nothing is asked', async () => {
  const nothing = contextOf(dynamics, {}, {});
  expect(await readOne(dynamics, window, nothing)).toMatchObject({ type: 'not-told' });
  expect(await dynamics.subscription?.look(wanted, nothing)).toMatchObject({ type: 'not-told' });
  expect(await dynamics.subscription?.repair(wanted, nothing)).toMatchObject({ type: 'not-told' });
});

test.each([
  {},
  { tokenSecret: 'a', clientId: 'b', clientSecret: 'c', tenantId: 'd' },
  { clientId: 'b', clientSecret: 'c' },
  { tokenSecret: 'a', identityClientId: '11111111-2222-4333-8444-555555555555' },
  { identityClientId: 'mine' },
  { tokenSecret: 'a', authority: 'http://login.example.com' },
])('options that cannot work are refused: %j', (given) => {
  const webApi = { host: 'https://contoso.crm.dynamics.com', ...given };
  expect(dynamics.options.safeParse({ webApi }).success).toBe(false);
  const right = { host: 'https://contoso.crm.dynamics.com', tokenSecret: 'a' };
  expect(dynamics.options.safeParse({ webApi: right }).success).toBe(true);
});
