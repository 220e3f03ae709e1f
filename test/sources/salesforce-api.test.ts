import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { salesforce } from '../../src/sources/salesforce/salesforce.ts';
import { type SalesforceStandIn, salesforceContact, startSalesforceApi } from '../vendors/salesforce.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };

let api: SalesforceStandIn;
beforeEach(async () => {
  api = await startSalesforceApi();
});
afterEach(() => api.close());

const context = (more: object = {}) =>
  contextOf(
    salesforce,
    { api: { host: api.url, clientId: 'key-1', clientSecret: 'secret' }, ...more },
    { secret: 'consumer-secret\n' },
  );
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => recordId);
const stampOf = (time: string) => `2026-11-20T${time}.000+0000`;
const idOf = (n: number) => `0037F0000${String(n).padStart(6, '0')}QAY`;

function add(n: number, time = '11:00:00', changes: object = {}) {
  const record = salesforceContact(idOf(n), { SystemModstamp: stampOf(time), ...changes });
  api.customers.set(record.Id, record);
}
const fill = (count: number) => {
  for (let n = 1; n <= count; n++) add(n);
};
const asked = () => api.requests.filter(({ url }) => url.includes('/query?')).length;

describe('records that changed', () => {
  test('are read page by page, each once, though all have one and the same time', async () => {
    fill(1200);
    const read = idsOf(await readAll(salesforce, window, context()));
    expect(read).toHaveLength(1200);
    expect(new Set(read).size).toBe(1200);
  });

  test('come also where Salesforce gives fewer at a time', async () => {
    fill(9);
    api.batch = 4;
    expect(idsOf(await readAll(salesforce, window, context({ objects: ['Contact'] })))).toEqual(
      Array.from({ length: 9 }, (_, index) => idOf(index + 1)),
    );
    expect(asked()).toBe(3);
  });

  test('come by object, each in the order of its changes', async () => {
    add(1, '11:30:00');
    add(2, '11:00:00');
    add(3, '11:15:00', { type: 'Account', Name: 'Jensen Wellness LLC' });
    const read = await readAll(salesforce, window, context());
    expect(idsOf(read)).toEqual([idOf(2), idOf(1), idOf(3)]);
    expect(read.at(-1)?.payload).toMatchObject({
      object: 'Account',
      fields: { Name: 'Jensen Wellness LLC' },
    });
  });

  test('the reading goes on where it stopped', async () => {
    fill(6);
    api.batch = 4;
    const first = await readOne(salesforce, window, context());
    const next = first.type === 'page' ? (first.next ?? null) : null;
    expect(JSON.stringify(next)).not.toMatch(/secret|token|maria/i);
    const rest = await readAll(salesforce, { ...window, at: next }, context());
    expect(idsOf(rest)).toEqual([idOf(5), idOf(6)]);
  });

  test('are those of the window, its ends included', async () => {
    add(1, '09:59:59');
    add(2, '10:00:00');
    add(3, '12:00:00');
    add(4, '12:00:01');
    expect(idsOf(await readAll(salesforce, window, context()))).toEqual([idOf(2), idOf(3)]);
    expect(idsOf(await readAll(salesforce, { until: window.until }, context()))).toEqual([1, 2, 3].map(idOf));
  });

  test('one that changes while the pages are read moves no other', async () => {
    for (let n = 1; n <= 6; n++) add(n, `11:0${n}:00`);
    api.batch = 2;
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) add(1, '12:30:00');
    };
    const read = idsOf(await readAll(salesforce, window, context()));
    expect(read).toEqual([1, 2, 3, 4, 5, 6].map(idOf));
  });

  test('whoever changes whenever: each that stays as it is comes once', async () => {
    const minute = fc.integer({ min: 0, max: 4 });
    const run = fc.record({
      minutes: fc.array(minute, { maxLength: 12 }),
      batch: fc.integer({ min: 1, max: 4 }),
      changing: fc.array(fc.nat({ max: 11 }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ minutes, batch, changing }) => {
        api.customers.clear();
        for (const [index, at] of minutes.entries()) add(index, `11:0${at}:00`);
        api.batch = batch;
        const left = changing.filter((n) => n < minutes.length);
        const staying = minutes.flatMap((_, n) => (left.includes(n) ? [] : [idOf(n)]));
        api.beforePage = () => {
          const n = left.pop();
          if (n !== undefined) add(n, '12:30:00');
        };
        const read = idsOf(await readAll(salesforce, window, context({ objects: ['Contact'] })));
        expect(read).toEqual([...new Set(read)]);
        expect(read).toEqual(expect.arrayContaining(staying));
      }),
      { numRuns: 30 },
    );
  });

  test('nothing changed: no record, and the end', async () => {
    expect(await readAll(salesforce, window, context())).toEqual([]);
  });

  test('only the fields are asked for that the user may see', async () => {
    fill(1);
    delete api.visible.Contact?.MailingStateCode;
    const [read] = await readAll(salesforce, window, context());
    expect(read?.payload).not.toHaveProperty('fields.MailingStateCode');
    expect(read?.payload).toHaveProperty('fields.MailingState', 'Utah');
  });
});

describe('a record that is read', () => {
  const mapped = async (payload: unknown) => (await shippedMapping(salesforce)).map(payload, at('22:00:00'));

  test('makes the same change as the outbound message about it', async () => {
    const body = await readFile('test/fixtures/salesforce/outbound-message.contact.xml');
    const options = salesforce.options.parse({});
    const { content } = salesforce.read(keptBefore({ headers: new Headers(), body }), options);
    if (content.type !== 'changes') throw new Error(content.type);
    const record = salesforceContact('0037F00002abcDEQAY');
    api.customers.set(record.Id, record);
    const [read] = await readAll(salesforce, { until: at('23:00:00') }, context());
    const expected = await mapped(content.payload);
    expect(expected).toMatchObject({ ok: true, changes: [{ recordId: '0037F00002abcDEQAY' }] });
    expect(await mapped(read?.payload)).toEqual(expected);
  });

  test('has its values as texts, whole numbers with their decimal point', async () => {
    add(1, '11:00:00', { DirectScale_Field_7__c: 7, DirectScale_Customer_Id__c: 10542 });
    Object.assign(api.visible.Contact ?? {}, {
      DirectScale_Field_7__c: 'double',
      DirectScale_Customer_Id__c: 'double',
    });
    const [read] = await readAll(salesforce, window, context());
    expect(read?.payload).toMatchObject({
      customerId: '10542',
      fields: { DirectScale_Field_7__c: '7.0' },
      occurredAt: '2026-11-20T11:00:00.000Z',
    });
  });
});

describe('what Salesforce answers instead', () => {
  const limit = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }];
  test.each([
    [
      { status: 403, body: limit },
      { type: 'unavailable', status: 403, retryAfterMs: 3_600_000 },
    ],
    [
      { status: 403, body: [{ errorCode: 'API_DISABLED_FOR_ORG', message: '' }] },
      { type: 'refused-by-vendor', status: 403 },
    ],
    [
      { status: 503, headers: { 'retry-after': '3' } },
      { type: 'unavailable', status: 503, retryAfterMs: 3000 },
    ],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
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
    await readOne(salesforce, window, context());
    api.faults.push(fault);
    expect(await readOne(salesforce, window, context())).toEqual(expected);
    expect(await readAll(salesforce, window, context())).toHaveLength(1);
  });

  test('records from before the time that was asked for are told, not taken for changes', async () => {
    await readOne(salesforce, window, context());
    const described = { status: 200, body: { fields: [{ name: 'Id', type: 'id' }] } };
    const records = [{ Id: idOf(1), SystemModstamp: '2026-11-19T11:00:00.000+0000' }];
    api.faults.push(described, described, { status: 200, body: { done: true, records } });
    expect(await readOne(salesforce, window, context())).toMatchObject({ type: 'not-told' });
  });

  test('a page that comes again is told: others would be left out', async () => {
    for (let n = 1; n <= 4; n++) add(n);
    api.batch = 2;
    const first = await readOne(salesforce, window, context());
    const next = first.type === 'page' ? (first.next ?? null) : null;
    const records = [1, 2].map((n) => ({ Id: idOf(n), SystemModstamp: stampOf('11:00:00') }));
    api.faults.push({ status: 200, body: { done: false, records } });
    expect(await readOne(salesforce, { ...window, at: next }, context())).toMatchObject({ type: 'not-told' });
  });

  test('a token that ran out is replaced by another one, in the middle of a run', async () => {
    fill(6);
    api.batch = 2;
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 1) api.tokens.clear();
    };
    expect(await readAll(salesforce, window, context())).toHaveLength(6);
    expect(api.requests.filter(({ url }) => url.endsWith('/token'))).toHaveLength(2);
  });

  test('a client that it does not take is refused', async () => {
    const other = context({ api: { host: api.url, clientId: 'key-2', clientSecret: 'secret' } });
    expect(await readOne(salesforce, window, other)).toEqual({ type: 'refused-by-vendor', status: 400 });
  });
});

test('without options.api nothing is asked, and no subscription is told', async () => {
  const nothing = contextOf(salesforce, {}, {});
  expect(await readOne(salesforce, window, nothing)).toMatchObject({ type: 'not-told' });
  const wanted = { url: new URL('https://relay.example.com/'), secretNames: ['x'] };
  expect(await salesforce.subscription?.look(wanted, nothing)).toMatchObject({ type: 'not-told' });
  expect(await salesforce.subscription?.repair(wanted, nothing)).toMatchObject({ type: 'not-told' });
});

test.each([
  { host: 'http://contoso.example.com', clientId: 'a' },
  { host: 'https://contoso.my.salesforce.com' },
  { host: 'https://contoso.my.salesforce.com', clientId: 'a', version: '65' },
  { host: 'https://contoso.my.salesforce.com', clientId: 'a', fields: ['a, b'] },
])('options that cannot work are refused: %j', (given) => {
  expect(salesforce.options.safeParse({ api: given }).success).toBe(false);
});
