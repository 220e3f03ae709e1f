import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { pipedrive } from '../../src/sources/pipedrive/pipedrive.ts';
import { sampleOptions } from '../fixtures/pipedrive/sender.ts';
import { type PipedriveStandIn, pipedrivePerson, startPipedriveApi } from '../vendors/pipedrive.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/pipedrive');
const wanted = { url, secretNames: ['credentials', 'credentials-before'] };

let api: PipedriveStandIn;
beforeEach(async () => {
  api = await startPipedriveApi();
});
afterEach(() => api.close());

const context = (more: object = {}) =>
  contextOf(
    pipedrive,
    { ...sampleOptions, api: { baseUrl: api.url }, ...more },
    {
      'pipedrive-api-token': 'a-token\n',
      credentials: 'relay:a:new-password\n',
      'credentials-before': 'relay:an-old-password',
    },
  );
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => Number(recordId));
const add = (id: number, time = '11:00:00', changes: object = {}) =>
  api.customers.set(String(id), pipedrivePerson(id, { update_time: `2026-11-20T${time}Z`, ...changes }));
const fill = (count: number) => {
  for (let id = 1; id <= count; id++) add(id);
};

describe('persons that changed', () => {
  test('are read page by page, each once, though all have one and the same time', async () => {
    fill(1200);
    expect(idsOf(await readAll(pipedrive, window, context()))).toEqual(
      Array.from({ length: 1200 }, (_, index) => index + 1),
    );
    expect(api.requests).toHaveLength(3);
  });

  test('come in the order of their changes, and the reading goes on where it stopped', async () => {
    for (const [id, time] of ['11:30:00', '11:00:00', '10:30:00'].entries()) add(id + 1, time);
    api.largestPage = 2;
    const first = await readOne(pipedrive, window, context());
    if (first.type !== 'page') throw new Error(first.type);
    expect(idsOf(first.customers)).toEqual([3, 2]);
    expect(JSON.stringify(first.next)).not.toMatch(/a-token|maria/i);
    expect(idsOf(await readAll(pipedrive, { ...window, at: first.next ?? null }, context()))).toEqual([1]);
  });

  test('are those of the window, its ends included', async () => {
    add(1, '09:59:59');
    add(2, '10:00:00');
    add(3, '12:00:00');
    add(4, '12:00:01');
    expect(idsOf(await readAll(pipedrive, window, context()))).toEqual([2, 3]);
    expect(idsOf(await readAll(pipedrive, { until: window.until }, context()))).toEqual([1, 2, 3]);
  });

  test('one that changes while the pages are read moves no other', async () => {
    for (let id = 1; id <= 6; id++) add(id, `11:0${id}:00`);
    api.largestPage = 2;
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) add(1, '12:30:00');
    };
    expect(idsOf(await readAll(pipedrive, window, context()))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('whoever changes whenever: each that stays as it is comes once', async () => {
    const minute = fc.integer({ min: 0, max: 4 });
    const run = fc.record({
      minutes: fc.array(minute, { maxLength: 12 }),
      page: fc.integer({ min: 1, max: 4 }),
      changing: fc.array(fc.nat({ max: 11 }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ minutes, page, changing }) => {
        api.customers.clear();
        for (const [index, minutesPast] of minutes.entries()) add(index, `11:0${minutesPast}:00`);
        api.largestPage = page;
        const left = changing.filter((id) => id < minutes.length);
        const staying = minutes.flatMap((_, id) => (left.includes(id) ? [] : [id]));
        api.beforePage = () => {
          const id = left.pop();
          if (id !== undefined) add(id, '12:30:00');
        };
        const read = idsOf(await readAll(pipedrive, window, context()));
        expect(read).toEqual([...new Set(read)]);
        expect(read).toEqual(expect.arrayContaining(staying));
      }),
      { numRuns: 30 },
    );
  });

  test('one that is deleted does not come', async () => {
    add(1, '11:00:00', { is_deleted: true });
    expect(await readOne(pipedrive, window, context())).toEqual({ type: 'page', customers: [] });
  });

  test('more custom fields than can be named come all the same', async () => {
    const key = (n: number) => String(n).padStart(40, '0');
    const fields = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`directscale_field_${n + 1}`, key(n)]),
    );
    add(1, '11:00:00', { custom_fields: { [key(19)]: 'gold' } });
    const [read] = await readAll(pipedrive, window, context({ fields }));
    expect(read?.payload).toHaveProperty('person.directscale_field_20', 'gold');
  });
});

describe('a person that is read', () => {
  const mapped = async (payload: unknown) => (await shippedMapping(pipedrive)).map(payload, at('22:00:00'));

  test('makes the same change as the webhook about a new person', async () => {
    const event = JSON.parse(await readFile('test/fixtures/pipedrive/person-change.json', 'utf8'));
    Object.assign(event.meta, { action: 'create', timestamp: event.data.update_time, user_id: null });
    const body = Buffer.from(JSON.stringify({ ...event, previous: null }));
    const { content } = pipedrive.read(keptBefore({ headers: new Headers(), body }), context().options);
    if (content.type !== 'changes') throw new Error(content.type);
    api.customers.set('8', pipedrivePerson(8));
    const [read] = await readAll(pipedrive, { until: at('23:00:00') }, context());
    const expected = await mapped(content.payload);
    expect(expected).toMatchObject({
      ok: true,
      changes: [{ recordId: '8', customer: { customerId: '10542' } }],
    });
    expect(await mapped(read?.payload)).toEqual(expected);
  });

  test('does not have the number of an option as its value', async () => {
    const key = sampleOptions.fields.directscale_company_name;
    add(1, '11:00:00', { custom_fields: { [key]: { id: 38, label: 'Jensen Wellness LLC' } } });
    const [read] = await readAll(pipedrive, window, context());
    expect(JSON.stringify(read?.payload)).not.toContain('directscale_company_name');
  });

  test('with an address that is only a text has it left out, and told', async () => {
    add(1, '11:00:00', { custom_fields: { [sampleOptions.fields.directscale_address]: '1 Main St, Lehi' } });
    const [read] = await readAll(pipedrive, window, context());
    const mapping = await shippedMapping(pipedrive);
    const paths = (await mapping.leftOut(read?.payload)).map(({ path }) => path);
    expect(paths).toContainEqual(expect.stringMatching(/^PrimaryAddress\./));
  });
});

describe('what Pipedrive answers instead', () => {
  test.each([
    [
      { status: 429, headers: { 'retry-after': '2' } },
      { type: 'unavailable', status: 429, retryAfterMs: 2000 },
    ],
    [{ status: 503 }, { type: 'unavailable', status: 503 }],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [
      { status: 200, body: { data: [{}] } },
      { type: 'not-told', reason: expect.any(String) },
    ],
    [{ status: 403 }, { type: 'refused-by-vendor', status: 403 }],
    [
      { status: 302, headers: { location: 'https://example.com/' } },
      { type: 'refused-by-vendor', status: 302 },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(pipedrive, window, context())).toEqual(expected);
    expect(await readAll(pipedrive, window, context())).toHaveLength(1);
  });

  const page = (update_time: string) => ({
    status: 200,
    body: { data: [pipedrivePerson(1, { update_time })], additional_data: { next_cursor: 'x' } },
  });

  test('persons from before the time that was asked for are told, not taken for changes', async () => {
    api.faults.push(page('2026-11-19T11:00:00Z'));
    expect(await readOne(pipedrive, window, context())).toMatchObject({ type: 'not-told' });
  });

  test('a page without a person that is new is the last one', async () => {
    const again = page('2026-11-20T11:00:00Z');
    api.faults.push(again, again, again);
    expect(idsOf(await readAll(pipedrive, window, context()))).toEqual([1, 1]);
  });

  test('a token that it does not take is refused', async () => {
    api.tokens.clear();
    expect(await readOne(pipedrive, window, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});

test('without options.api nothing is asked', async () => {
  const nothing = contextOf(pipedrive, {}, {});
  expect(await readOne(pipedrive, window, nothing)).toMatchObject({ type: 'not-told' });
  expect(await pipedrive.subscription?.look(wanted, nothing)).toMatchObject({ type: 'not-told' });
  expect(await pipedrive.subscription?.repair(wanted, nothing)).toMatchObject({ type: 'not-told' });
  expect(pipedrive.options.safeParse({ api: { baseUrl: 'http://example.com' } }).success).toBe(false);
});

describe('the webhook', () => {
  const look = () => pipedrive.subscription?.look(wanted, context());
  const repair = () => pipedrive.subscription?.repair(wanted, context());
  const webhook = (id: number, more: object = {}) =>
    api.subscriptions.set(String(id), {
      id,
      subscription_url: url.href,
      event_action: '*',
      event_object: 'person',
      version: '2.0',
      is_active: 1,
      http_auth_user: 'relay',
      http_auth_password: 'an-old-password',
      last_http_status: 202,
      ...more,
    });
  const anew = [
    expect.objectContaining({
      subscription_url: url.href,
      event_action: '*',
      event_object: 'person',
      version: '2.0',
      http_auth_user: 'relay',
      http_auth_password: 'a:new-password',
    }),
  ];

  test('that is as it should be has no problem', async () => {
    webhook(1);
    expect(await look()).toEqual({ type: 'found', problems: [] });
    await repair();
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('that Pipedrive deleted is told, and made again', async () => {
    expect(await look()).toEqual({
      type: 'found',
      problems: ['there is no webhook to this address: it was never made, or Pipedrive deleted it'],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect([...api.subscriptions.values()]).toEqual(anew);
  });

  test.each([
    [{ is_active: 0, remove_reason: 'too many failures' }, 'it is switched off: too many failures'],
    [{ version: '1.0' }, 'it is of version 1'],
    [{ http_auth_password: 'another' }, 'its user and password are none of the secrets of the source'],
    [
      { http_auth_user: null, http_auth_password: null },
      'its user and password are none of the secrets of the source',
    ],
    [{ last_http_status: 401 }, 'its last delivery was answered 401'],
  ])('with a fault is told, and made anew in its place: %j', async (fault, problem) => {
    webhook(1, fault);
    expect(await look()).toEqual({ type: 'found', problems: [problem] });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect([...api.subscriptions.values()]).toEqual(anew);
  });

  test('of one kind of event only is told, and another one is made', async () => {
    webhook(1, { event_action: 'change' });
    expect(await look()).toEqual({ type: 'found', problems: ['create of persons is not subscribed'] });
    webhook(2, { event_action: 'create' });
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('whose password is not shown has no problem', async () => {
    webhook(1, { http_auth_password: '********' });
    expect(await look()).toEqual({ type: 'found', problems: [] });
  });

  test('with another address, or about other things, is left alone', async () => {
    webhook(1, { subscription_url: 'https://other.example.com/hook', is_active: 0 });
    webhook(2, { event_object: 'deal', is_active: 0 });
    await repair();
    expect([...api.subscriptions.keys()].slice(0, 2)).toEqual(['1', '2']);
    expect(api.subscriptions.size).toBe(3);
  });

  test('that Pipedrive does not tell, or does not let be made, is no state', async () => {
    api.faults.push({ status: 403 });
    expect(await look()).toEqual({ type: 'refused-by-vendor', status: 403 });
    api.faults.push({ status: 200, body: { data: [] } }, { status: 403 });
    expect(await repair()).toEqual({ type: 'refused-by-vendor', status: 403 });
  });
});
