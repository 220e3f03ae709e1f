import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hubspot } from '../../src/sources/hubspot/hubspot.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { type HubspotStandIn, hubspotContact, startHubspotApi } from '../vendors/hubspot.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/hubspot');
const wanted = { url, secretNames: ['hubspot-client-secret'] };

let api: HubspotStandIn;
beforeEach(async () => {
  api = await startHubspotApi();
});
afterEach(() => api.close());

const context = (more: object = {}) =>
  contextOf(
    hubspot,
    { baseUrl: api.url, tokenSecret: 'token', ...more },
    { token: 'a-token', 'hubspot-developer-key': 'a-key' },
  );
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => recordId);
const ids = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** Contacts 1 to n, all changed in one and the same millisecond. */
function fill(count: number, changedAt = '2026-11-20T11:00:00.123Z') {
  for (const id of ids(1, count)) api.customers.set(id, hubspotContact(id, changedAt));
}

describe('contacts that changed', () => {
  test('are read page by page, each once, though all have one and the same time', async () => {
    fill(450);
    expect(idsOf(await readAll(hubspot, window, context()))).toEqual(ids(1, 450));
    expect(api.requests).toHaveLength(3);
  });

  test('the reading goes on where it stopped', async () => {
    fill(250);
    const first = await readOne(hubspot, window, context());
    expect(first).toMatchObject({ type: 'page', next: { after: '200', last: '200' } });
    const next = first.type === 'page' ? first.next : undefined;
    const rest = await readAll(hubspot, { ...window, at: next ?? null }, context());
    expect(idsOf(rest)).toEqual(ids(201, 250));
  });

  test('are more than the search answers to one query', async () => {
    api.searchCap = 300;
    fill(1000);
    expect(idsOf(await readAll(hubspot, window, context()))).toEqual(ids(1, 1000));
  });

  test('are those of the window, its ends included', async () => {
    for (const [id, time] of [
      ['1', '09:59:59.999'],
      ['2', '10:00:00.000'],
      ['3', '12:00:00.000'],
      ['4', '12:00:00.001'],
    ] as const) {
      api.customers.set(id, hubspotContact(id, at(time).toISOString()));
    }
    expect(idsOf(await readAll(hubspot, window, context()))).toEqual(['2', '3']);
  });

  test('one that changes while the pages are read moves no other', async () => {
    fill(450);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) api.customers.set('7', hubspotContact('7', at('12:30:00').toISOString()));
    };
    expect(idsOf(await readAll(hubspot, window, context()))).toEqual(ids(1, 450));
  });

  test('one whose change the search does not know yet comes as it is', async () => {
    const changedAt = at('12:00:05').toISOString();
    api.customers.set('1', { ...hubspotContact('1', changedAt), indexedAt: at('11:00:00').toISOString() });
    expect(await readAll(hubspot, window, context())).toMatchObject([{ recordId: '1', changedAt }]);
  });

  test('without a time all are read, from the list', async () => {
    fill(250);
    expect(idsOf(await readAll(hubspot, { until: at('12:00:00') }, context()))).toEqual(ids(1, 250));
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('nothing changed: an empty page, and the end', async () => {
    expect(await readOne(hubspot, window, context())).toEqual({ type: 'page', customers: [] });
  });

  test('further properties are read where the options name them', async () => {
    api.customers.set('1', hubspotContact('1', undefined, { directscale_field_1: 'gold' }));
    const all = { until: at('23:00:00') };
    const [without] = await readAll(hubspot, all, context());
    expect(without?.payload).not.toHaveProperty('properties.directscale_field_1');
    const [read] = await readAll(hubspot, all, context({ properties: ['directscale_field_1'] }));
    expect(read?.payload).toHaveProperty('properties.directscale_field_1', 'gold');
  });
});

describe('a contact that is read', () => {
  const workflow = hubspot.options.parse({ signature: 'v2' });
  /** One change for each property, in whatever order. */
  const mapped = async (payload: unknown) => {
    const result = await (await shippedMapping(hubspot)).map(payload, at('22:00:00'));
    if (!result.ok) throw new Error(JSON.stringify(result.violations));
    return result.changes.map((change) => JSON.stringify(change)).sort();
  };

  test('makes the same changes as the webhook of a workflow', async () => {
    api.customers.set('1246965', hubspotContact('1246965'));
    const [read] = await readAll(hubspot, { until: at('23:00:00') }, context());
    const { properties } = hubspotContact('1246965');
    const body = Buffer.from(JSON.stringify({ ...properties, lastmodifieddate: '1795208602000' }));
    const { content } = hubspot.read(keptBefore({ headers: new Headers(), body }), workflow);
    if (content.type !== 'changes') throw new Error(content.type);
    const expected = await mapped(content.payload);
    expect(expected).toContainEqual(expect.stringContaining('"recordId":"1246965"'));
    expect(await mapped(read?.payload)).toEqual(expected);
  });

  test('is the one that is read after an event', async () => {
    const contact = JSON.parse(await readFile('test/fixtures/hubspot/crm-contact.response.json', 'utf8'));
    api.customers.set(contact.id, contact);
    const [read] = await readAll(hubspot, { until: at('23:00:00') }, context());
    api.faults.push({ status: 200, body: contact });
    const createdAt = Date.parse(contact.properties.lastmodifieddate);
    const fetched = await hubspot.fetch?.({ contact: contact.id, createdAt, changes: [] }, context());
    if (fetched?.type !== 'found') throw new Error(fetched?.type);
    expect(await mapped(read?.payload)).toEqual(await mapped(fetched.payload));
  });
});

describe('what HubSpot answers instead', () => {
  test.each([
    [
      { status: 429, headers: { 'retry-after': '3' } },
      { type: 'unavailable', status: 429, retryAfterMs: 3000 },
    ],
    [{ status: 429 }, { type: 'unavailable', status: 429 }],
    [{ status: 503 }, { type: 'unavailable', status: 503 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [{ status: 403 }, { type: 'refused-by-vendor', status: 403 }],
    [
      { status: 302, headers: { location: 'https://example.com/' } },
      { type: 'refused-by-vendor', status: 302 },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(hubspot, window, context())).toEqual(expected);
    expect(await readAll(hubspot, window, context())).toHaveLength(1);
  });

  const contactOf = (id: string, updatedAt: string) => ({
    id,
    updatedAt,
    properties: { lastmodifieddate: updatedAt },
  });
  const page = (...results: object[]) => ({
    status: 200,
    body: { results, paging: { next: { after: '200' } } },
  });

  test('contacts from before the time that was asked for are told, not taken for changes', async () => {
    api.faults.push(page(contactOf('1', '2026-11-19T10:00:00Z')));
    expect(await readOne(hubspot, window, context())).toMatchObject({ type: 'not-told' });
  });

  test('contacts in another order are told: the next page would leave some out', async () => {
    const time = '2026-11-20T11:00:00Z';
    api.faults.push(page(contactOf('10', time), contactOf('9', time)));
    expect(await readOne(hubspot, window, context())).toMatchObject({ type: 'not-told' });
  });

  test('a page that comes again is told: the filter by id was not applied', async () => {
    const time = '2026-11-20T11:00:00Z';
    api.faults.push(page(contactOf('9', time), contactOf('10', time)));
    const at = { after: '10', last: '10' };
    expect(await readOne(hubspot, { ...window, at }, context())).toMatchObject({ type: 'not-told' });
  });

  test('of the list, a page without a contact that is new is the last one', async () => {
    const time = '2026-11-20T11:00:00Z';
    const again = page(contactOf('9', time), contactOf('10', time));
    api.faults.push(again, again, again);
    const all = { until: at('12:00:00') };
    expect(idsOf(await readAll(hubspot, all, context()))).toEqual(['9', '10', '9', '10']);
  });

  test('a contact whose time cannot be read has that of its last update', async () => {
    const contact = contactOf('9', '2026-11-20T11:00:00Z');
    const odd = { ...contact, properties: { lastmodifieddate: 'yesterday' } };
    api.faults.push({ status: 200, body: { results: [odd] } });
    expect(await readAll(hubspot, window, context())).toMatchObject([
      { changedAt: '2026-11-20T11:00:00.000Z' },
    ]);
  });

  test('a token that it does not take is refused', async () => {
    api.tokens.clear();
    expect(await readOne(hubspot, window, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});

describe('the subscriptions of a public app', () => {
  const app = { publicApp: { id: 4711, subscribed: ['email', 'city'] } };
  const look = (more: object = app) => hubspot.subscription?.look(wanted, context(more));
  const repair = () => hubspot.subscription?.repair(wanted, context(app));
  const subscribe = (id: string, eventType: string, more: object = {}) =>
    api.subscriptions.set(id, { id, eventType, active: true, ...more });
  const subscribeAll = () => {
    api.settings = { targetUrl: url.href };
    subscribe('1', 'contact.creation');
    subscribe('2', 'contact.propertyChange', { propertyName: 'email' });
    subscribe('3', 'object.propertyChange', { propertyName: 'city', objectTypeId: '0-1' });
  };

  test('that are as they should be have no problem', async () => {
    subscribeAll();
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('of a private app or a workflow are not told', async () => {
    expect(await look({})).toMatchObject({ type: 'not-told' });
    expect(await hubspot.subscription?.repair(wanted, context())).toMatchObject({ type: 'not-told' });
    expect(api.requests).toEqual([]);
  });

  test('are asked for with a key out of a file that ends with a line end', async () => {
    subscribeAll();
    const secrets = { 'hubspot-developer-key': 'a-key\n' };
    const ofFile = contextOf(hubspot, { baseUrl: api.url, ...app }, secrets);
    expect(await hubspot.subscription?.look(wanted, ofFile)).toEqual({ type: 'found', problems: [] });
  });

  test('that are missing or switched off are told, made and switched on', async () => {
    subscribeAll();
    api.subscriptions.delete('1');
    subscribe('2', 'contact.propertyChange', { propertyName: 'email', active: false });
    subscribe('3', 'object.propertyChange', { propertyName: 'city', objectTypeId: '0-2' });
    expect(await look()).toEqual({
      type: 'found',
      problems: [
        'contact.creation is not subscribed',
        'contact.propertyChange of email is switched off',
        'contact.propertyChange of city is not subscribed',
      ],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    const before = api.requests.length;
    await repair();
    expect(api.requests.slice(before).every(({ method }) => method === 'GET')).toBe(true);
  });

  test('of an app without a target URL get one', async () => {
    expect(await look()).toMatchObject({
      problems: expect.arrayContaining(['the app has no target URL: it sends no webhooks']),
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.settings).toMatchObject({ targetUrl: url.href });
  });

  test('of an app that sends to another address are told, and left alone', async () => {
    subscribeAll();
    api.settings = { targetUrl: 'https://other.example.com/hook' };
    subscribe('2', 'contact.propertyChange', { propertyName: 'email', active: false });
    const state = await look();
    expect(state).toMatchObject({
      problems: expect.arrayContaining(['the app sends its webhooks to another address']),
    });
    expect(await repair()).toEqual(state);
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('that HubSpot does not tell, or does not let be changed, are no state', async () => {
    api.faults.push({ status: 401 });
    expect(await look()).toEqual({ type: 'refused-by-vendor', status: 401 });
    api.faults.push({ status: 404, body: {} }, { status: 200, body: { results: [] } }, { status: 403 });
    expect(await repair()).toEqual({ type: 'refused-by-vendor', status: 403 });
  });
});
