import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeChanges } from '../../src/mapping/merge-changes.ts';
import { hubspot } from '../../src/sources/hubspot/hubspot.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { type JsonValue, MalformedDelivery, type WebhookRequest } from '../../src/sources/kind.ts';
import { sender } from '../fixtures/hubspot/sender.ts';
import vectors from '../fixtures/hubspot/signature-vectors.json' with { type: 'json' };
import { maria, mariasAddress } from '../fixtures/maria.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { startServer } from '../test-server.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/hubspot');
const secret = 'a-client-secret';
const v3 = hubspot.options.parse({});
const v2 = hubspot.options.parse({ signature: 'v2' });
const fixture = async (name: string) =>
  JSON.parse(await readFile(`test/fixtures/hubspot/${name}.json`, 'utf8'));

describe("the vendor's vectors", () => {
  const ofVersion = (version: string) => vectors.vectors.filter((vector) => vector.version === version);
  const requestOf = ({ method = 'POST', url: to = '', body }: (typeof vectors.vectors)[number]) => ({
    method,
    url: new URL(to),
    body: Buffer.from(body),
  });

  test.each(ofVersion('v2'))('$name', (vector) => {
    const headers = new Headers({ 'X-HubSpot-Signature': vector.signature });
    const request = { ...requestOf(vector), headers };
    const verify = (changes: object, secrets = [vector.secret]) =>
      hubspot.verify({ ...request, ...changes }, { options: v2, keys: keysOf(secrets), now });
    expect(verify({})).toBe(true);
    expect(verify({}, ['another', vector.secret])).toBe(true);
    expect(verify({}, ['another'])).toBe(false);
    expect(verify({ body: Buffer.from(`${vector.body} `) })).toBe(false);
    expect(verify({ method: 'PUT' })).toBe(false);
    expect(verify({ url: new URL('https://www.example.com/webhook_uri2') })).toBe(false);
  });

  test.each(ofVersion('v3'))('$name', (vector) => {
    const { timestamp = '' } = vector;
    const headers = {
      'X-HubSpot-Signature-v3': vector.signature,
      'X-HubSpot-Request-Timestamp': timestamp,
    };
    const request = { ...requestOf(vector), headers: new Headers(headers) };
    const verify = (changes: object, secrets = [vector.secret], later = 0) =>
      hubspot.verify(
        { ...request, ...changes },
        { options: v3, keys: keysOf(secrets), now: new Date(Number(timestamp) + later) },
      );
    expect(verify({})).toBe(true);
    expect(verify({}, ['another', vector.secret])).toBe(true);
    expect(verify({}, ['another'])).toBe(false);
    expect(verify({ body: Buffer.from(`${vector.body} `) })).toBe(false);
    expect(verify({ method: 'PUT' })).toBe(false);
    expect(verify({ url: new URL('https://www.example.com/webhook_uri?a=1') })).toBe(false);
    for (const [later, accepted] of [
      [300_000, true],
      [300_001, false],
      [-300_000, true],
      [-300_001, false],
    ] as const) {
      expect(verify({}, [vector.secret], later)).toBe(accepted);
    }
    const moved = { ...headers, 'X-HubSpot-Request-Timestamp': String(Number(timestamp) + 1) };
    expect(verify({ headers: new Headers(moved) })).toBe(false);
  });
});

describe('a signature', () => {
  const signed = (to: URL, body: Uint8Array, key = secret): WebhookRequest => ({
    method: 'POST',
    url: to,
    body,
    headers: new Headers(sender.headers(body, key, now, to)),
  });

  test('of v3 is made over the URL with some escapes decoded, and only those', () => {
    const sent = new URL('https://relay.example.com/api/webhooks/hubspot?a=%3A%2f%20');
    const body = Buffer.from('[]');
    const { headers } = signed(
      { href: 'https://relay.example.com/api/webhooks/hubspot?a=:/%20' } as URL,
      body,
    );
    const context = { options: v3, keys: keysOf([secret]), now };
    expect(hubspot.verify({ method: 'POST', url: sent, body, headers }, context)).toBe(true);
  });

  test('of the other version is refused', () => {
    const { headers, ...request } = signed(url, Buffer.from('[]'));
    const only = (...names: string[]) => ({
      ...request,
      headers: new Headers([...headers].filter(([name]) => names.includes(name))),
    });
    const byV2 = only('x-hubspot-signature');
    const byV3 = only('x-hubspot-signature-v3', 'x-hubspot-request-timestamp');
    expect(hubspot.verify(byV2, { options: v2, keys: keysOf([secret]), now })).toBe(true);
    expect(hubspot.verify(byV3, { options: v2, keys: keysOf([secret]), now })).toBe(false);
    expect(hubspot.verify(byV3, { options: v3, keys: keysOf([secret]), now })).toBe(true);
    expect(hubspot.verify(byV2, { options: v3, keys: keysOf([secret]), now })).toBe(false);
  });

  test('that is not exactly that of these bytes is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.string({ minLength: 1 }), (body, text, key) => {
        const right = signed(url, body, key);
        for (const options of [v3, v2]) {
          const context = { options, keys: keysOf([key]), now };
          expect(hubspot.verify(right, context)).toBe(true);
          expect(hubspot.verify({ ...right, body: Buffer.concat([body, Buffer.from('x')]) }, context)).toBe(
            false,
          );
          const given = text.replace(/[^\x21-\x7e]/g, '');
          for (const name of [
            'x-hubspot-signature-v3',
            'x-hubspot-request-timestamp',
            'x-hubspot-signature',
          ]) {
            const headers = new Headers(right.headers);
            headers.set(name, given);
            const isUsed = name === 'x-hubspot-signature' ? options === v2 : options === v3;
            if (given !== right.headers.get(name)) {
              expect(hubspot.verify({ ...right, headers }, context)).toBe(!isUsed);
            }
          }
        }
      }),
    );
  });
});

const read = (payload: unknown, options = v3) =>
  hubspot.read(keptBefore({ headers: new Headers(), body: Buffer.from(JSON.stringify(payload)) }), options);
const event = (changes: object = {}) => ({
  objectId: 1,
  propertyName: 'firstname',
  propertyValue: 'Ada',
  eventId: 100,
  subscriptionId: 25,
  portalId: 33,
  occurredAt: 1_795_208_602_000,
  subscriptionType: 'contact.propertyChange',
  attemptNumber: 0,
  ...changes,
});
const itemsOf = (payload: unknown): readonly JsonValue[] => {
  const { content } = read(payload);
  if (content.type !== 'items') throw new Error(`no items: ${JSON.stringify(content)}`);
  return content.items.map((item) => ('record' in item ? item.record : item));
};

describe('what a batch says', () => {
  test('one item for each contact, with the newest event of each property', async () => {
    const changedBy = 'userId:84916424';
    expect(itemsOf(await fixture('object-property-change.batch'))).toEqual([
      {
        contact: '1246965',
        changes: [
          { name: 'firstname', value: 'Maria', occurredAt: 1_795_208_602_000, changedBy },
          { name: 'address', value: '2600 Executive Pkwy', occurredAt: 1_795_208_602_000, changedBy },
          { name: 'city', value: 'Lehi', occurredAt: 1_795_208_602_000, changedBy },
          { name: 'mobilephone', value: '', occurredAt: 1_795_208_602_000, changedBy },
        ],
      },
    ]);
  });

  test('100 events for 7 contacts are 7 items, nothing lost', () => {
    const events = Array.from({ length: 100 }, (_, n) =>
      event({ objectId: 1 + (n % 7), propertyName: `p${n}`, propertyValue: String(n), eventId: n }),
    );
    const items = itemsOf(events) as { contact: string; changes: { value: string }[] }[];
    expect(items.map(({ contact }) => contact)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    const values = items.flatMap(({ changes }) => changes.map(({ value }) => Number(value)));
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test('a new contact is read; an event that does not say its value, too', () => {
    expect(
      itemsOf([
        event({ eventType: 'contact.creation', subscriptionType: undefined, propertyName: undefined }),
        event({ objectId: 2, propertyValue: undefined }),
        event({ objectId: 3, propertyValue: null }),
      ]),
    ).toEqual([
      { contact: '1', createdAt: 1_795_208_602_000, changes: [] },
      { contact: '2', changes: [{ name: 'firstname', occurredAt: 1_795_208_602_000 }] },
      { contact: '3', changes: [{ name: 'firstname', occurredAt: 1_795_208_602_000 }] },
    ]);
  });

  test.each([
    ['contact.deletion', {}, 'contact.deletion of contact 1'],
    ['contact.privacyDeletion', {}, 'contact.privacyDeletion of contact 1'],
    ['contact.restore', {}, 'contact.restore of contact 1'],
    [
      'contact.merge',
      { primaryObjectId: 1, mergedObjectIds: [2, 3], newObjectId: 4 },
      'contact.merge of contacts 2, 3 into 4',
    ],
    ['object.deletion', { objectTypeId: '0-1' }, 'object.deletion of contact 1'],
  ])('%s is for a person', (subscriptionType, changes, reason) => {
    const delivery = read([event({ subscriptionType, ...changes })]);
    expect(delivery).toMatchObject({ topic: subscriptionType, content: { type: 'for-a-person', reason } });
  });

  test('a deletion among changes of others is an item of its own: neither keeps up the other', () => {
    expect(itemsOf([event(), event({ objectId: 2, subscriptionType: 'contact.deletion' })])).toEqual([
      { contact: '1', changes: [expect.anything()] },
      { forAPerson: 'contact.deletion of contact 2' },
    ]);
  });

  test.each([
    ['a company', [event({ subscriptionType: 'company.propertyChange' })]],
    [
      'a deal in the generic format',
      [event({ subscriptionType: 'object.propertyChange', objectTypeId: '0-3' })],
    ],
    ['an association', [{ subscriptionType: 'contact.associationChange', fromObjectId: 1 }]],
    ['a type that nobody knows', [{}]],
    ['no event', []],
  ])('%s is ignored', (_, events) => expect(read(events).content.type).toBe('ignored'));

  test('events of another account are ignored where the options name one', () => {
    const options = hubspot.options.parse({ portalId: 33 });
    expect(read([event({ portalId: 34 })], options).content.type).toBe('ignored');
    expect(read([event({ portalId: undefined })], options).content.type).toBe('ignored');
    expect(read([event({ portalId: 34 }), event()], options).content).toMatchObject({
      items: [{ record: { contact: '1' } }],
    });
  });

  test.each([
    1,
    event({ objectId: '../owners' }),
    event({ objectId: -1 }),
    event({ occurredAt: 'now' }),
    event({ propertyName: undefined }),
    event({ propertyValue: {} }),
  ])('%j is for a person, and what comes beside it is taken', (bad) => {
    expect(itemsOf([bad, event({ objectId: 2 })])).toEqual([
      { contact: '2', changes: [expect.anything()] },
      { forAPerson: expect.stringMatching(/^element 1 of the batch cannot be read: Not a HubSpot/) },
    ]);
  });

  test('a value that JSON has as a boolean is its text', () => {
    expect(itemsOf([event({ propertyName: 'hs_marketable_status', propertyValue: false })])).toMatchObject([
      { contact: '1', changes: [{ value: 'false' }] },
    ]);
  });

  test.each(['text', null, 5])('%j is malformed', (payload) =>
    expect(() => read(payload)).toThrow(MalformedDelivery),
  );

  test('the id is that of the events: not of the attempt, their order or a repeat among them', () => {
    const [a, b] = [event(), event({ objectId: 2 })];
    const { id } = read([a, b]);
    expect(read([b, { ...a, attemptNumber: 3 }, a]).id).toBe(id);
    for (const change of [
      { occurredAt: 1 },
      { propertyValue: 'B' },
      { propertyName: 'b' },
      { objectId: 7 },
      { portalId: 7 },
      { subscriptionId: 7 },
      { eventId: 7 },
    ]) {
      expect(read([{ ...a, ...change }, b]).id).not.toBe(id);
    }
    expect(read([a]).id).not.toBe(id);
  });
});

describe('what a workflow says', () => {
  test('the contact, each value with its own time', async () => {
    const { content, topic } = read(await fixture('workflow-webhook.contact'));
    expect(topic).toBe('workflow');
    expect(content).toMatchObject({
      type: 'changes',
      payload: {
        contact: '1246965',
        customerId: '10542',
        properties: { firstname: 'Maria' },
        changes: expect.arrayContaining([
          { name: 'firstname', value: 'Maria', occurredAt: 1_795_208_602_000, snapshot: true },
          { name: 'company', value: 'Jensen Wellness LLC', occurredAt: 1_795_208_590_000, snapshot: true },
        ]),
      },
    });
  });

  test('the id changes with the modification and the body, and is equal for a repeat', async () => {
    const flat = await fixture('workflow-webhook.flat');
    const { id } = read(flat);
    expect(read({ ...flat }).id).toBe(id);
    expect(read({ ...flat, lastmodifieddate: '2026-11-20T21:04:00.000Z' }).id).not.toBe(id);
    expect(read({ ...flat, firstname: 'Mary' }).id).not.toBe(id);
  });

  test('without a time of the modification, or of another account', async () => {
    const flat = await fixture('workflow-webhook.flat');
    expect(read({ ...flat, lastmodifieddate: undefined }).content.type).toBe('for-a-person');
    const whole = await fixture('workflow-webhook.contact');
    expect(read(whole, hubspot.options.parse({ portalId: 34 })).content.type).toBe('ignored');
    expect(read(whole, hubspot.options.parse({ portalId: 33 })).content.type).toBe('changes');
  });
});

/** HubSpot's API as far as it is called: answers `answer`, and remembers the requests. */
async function withApi<Result>(
  answer: { status: number; body: unknown },
  work: (baseUrl: string, requests: { url: string; authorization?: string }[]) => Promise<Result>,
): Promise<Result> {
  const requests: { url: string; authorization?: string }[] = [];
  await using server = await startServer((response, { url: path, headers: { authorization } }) => {
    requests.push({ url: path, ...(authorization && { authorization }) });
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  return await work(server.url.origin, requests);
}

describe('reading the contact', async () => {
  const contact = await fixture('crm-contact.response');
  const item = {
    contact: '1246965',
    changes: [
      { name: 'firstname', value: 'Maria', occurredAt: 2 },
      { name: 'secret_one', occurredAt: 3 },
    ],
  };
  const fetched = (baseUrl: string, thin: JsonValue = item, more: object = {}) =>
    hubspot.fetch?.(thin, {
      options: hubspot.options.parse({ baseUrl, properties: ['address2'], ...more }),
      secret: async (name) => `value of ${name}`,
      timeoutMs: 2000,
    });

  test('asks for what the mapping needs, with the token of the vault', async () => {
    const body = { ...contact, properties: { ...contact.properties, secret_one: null } };
    await withApi({ status: 200, body }, async (baseUrl, requests) => {
      expect(await fetched(baseUrl)).toEqual({
        type: 'found',
        payload: {
          contact: '1246965',
          customerId: '10542',
          properties: { ...contact.properties, mobilephone: '', secret_one: '' },
          changes: [
            { name: 'firstname', value: 'Maria', occurredAt: 2 },
            { name: 'secret_one', value: '', occurredAt: 3 },
          ],
        },
      });
      expect(requests).toHaveLength(1);
      expect(requests[0]?.authorization).toBe('Bearer value of hubspot-access-token');
      const asked = new URL(requests[0]?.url ?? '', baseUrl);
      expect(asked.pathname).toBe('/crm/v3/objects/contacts/1246965');
      const names = asked.searchParams.get('properties')?.split(',');
      expect(names).toEqual(
        expect.arrayContaining([
          'directscale_customer_id',
          'address',
          'zip',
          'country',
          'address2',
          'secret_one',
        ]),
      );
    });
  });

  test('of a new one takes what it holds, when it has a DirectScale id', async () => {
    const created = { contact: '1246965', createdAt: 1, changes: [] };
    await withApi({ status: 200, body: contact }, async (baseUrl) => {
      expect(await fetched(baseUrl, created)).toMatchObject({
        payload: {
          changes: expect.arrayContaining([
            { name: 'firstname', value: 'Maria', occurredAt: 1, snapshot: true },
          ]),
        },
      });
      expect(await fetched(baseUrl, created, { idProperty: 'another' })).toMatchObject({
        payload: { changes: [] },
      });
    });
  });

  test.each([
    [404, {}, { type: 'gone' }],
    [401, {}, { type: 'refused-by-vendor', status: 401 }],
    [429, {}, { type: 'unavailable', status: 429 }],
    [503, {}, { type: 'unavailable', status: 503 }],
    [200, { hello: 1 }, { type: 'unavailable' }],
    [200, { ...contact, id: '7' }, { type: 'for-a-person', reason: 'contact 1246965 was merged' }],
  ])('%i %j', async (status, body, expected) => {
    await withApi({ status, body }, async (baseUrl) =>
      expect(await fetched(baseUrl)).toMatchObject(expected),
    );
  });

  test('without a property whose value the event does not tell: not taken for empty', async () => {
    await withApi({ status: 200, body: contact }, async (baseUrl) => {
      expect(await fetched(baseUrl)).toMatchObject({
        type: 'for-a-person',
        reason: 'secret_one changed, but the token cannot read it',
      });
    });
  });
});

describe('mappings/hubspot.jsonata', async () => {
  const mapping = mappingOf('hubspot.jsonata', await readFile('mappings/hubspot.jsonata', 'utf8'));
  const map = async (payload: unknown) => {
    const result = await mapping.map(payload, now);
    return result.ok ? { ...result, changes: mergeChanges(result.changes) } : result;
  };
  const { properties } = await fixture('crm-contact.response');
  const contact = (changes: object[], more: object = {}) =>
    map({ contact: '1', customerId: '10542', properties: { ...properties, ...more }, changes });
  const at = (seconds: number) => 1_795_208_600_000 + seconds * 1000;
  const change = (name: string, value: string, seconds = 2) => ({ name, value, occurredAt: at(seconds) });
  const fieldsOf = (fields: object) => ({ ok: true, changes: [expect.objectContaining({ fields })] });
  const nothing = { ok: true, changes: [] };
  const address = { ...mariasAddress, Street2: '' };

  test('the contact of a workflow: every field, with its own time', async () => {
    const { content } = read(await fixture('workflow-webhook.contact'));
    if (content.type !== 'changes') throw new Error(content.type);
    expect(await map(content.payload)).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: '1246965',
          occurredAt: '2026-11-20T21:03:22.000Z',
          occurredAtOf: { CompanyName: '2026-11-20T21:03:10.000Z' },
          fields: {
            ...maria,
            PrimaryAddress: address,
            AssociateCustom: { Field1: 'gold', Field7: 'blue' },
          },
        },
      ],
    });
  });

  test('chosen properties: no clear, and no address that is not whole', async () => {
    const { content } = read(await fixture('workflow-webhook.flat'));
    if (content.type !== 'changes') throw new Error(content.type);
    expect(await map(content.payload)).toEqual(
      fieldsOf({ FirstName: 'Maria', LastName: 'Jensen', EmailAddress: 'maria.jensen@example.com' }),
    );
  });

  test('changes of single properties, each with its own time; empty ones clear', async () => {
    expect(
      await contact([
        change('firstname', 'Maria', 2),
        change('lastname', '', 1),
        change('mobilephone', '', 2),
        change('lifecyclestage', 'customer', 2),
      ]),
    ).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: '1',
          occurredAt: '2026-11-20T21:03:22.000Z',
          occurredAtOf: { LastName: '2026-11-20T21:03:21.000Z' },
          fields: { FirstName: 'Maria', LastName: '', TextPhone: '' },
        },
      ],
    });
  });

  test('the address is sent whole, as the contact has it, with the time of its newest line', async () => {
    expect(await contact([change('city', 'Lehi', 1), change('zip', '84043', 2)])).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: '1',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: { PrimaryAddress: address },
        },
      ],
    });
    expect(await contact([change('country', 'US')], { state: 'Utah' })).toEqual(
      fieldsOf({ PrimaryAddress: address }),
    );
  });

  test('an address that is not whole after a change of a line is reported', async () => {
    expect(await contact([change('state', '')], { state: '', zip: '' })).toEqual({
      ok: false,
      violations: [
        { path: 'PrimaryAddress.Region', message: expect.stringMatching(/^must not be empty/) },
        { path: 'PrimaryAddress.PostalCode', message: expect.stringMatching(/^must not be empty/) },
      ],
    });
    expect(await contact([change('state', 'Atlantis')], { state: 'Atlantis' })).toMatchObject({ ok: false });
  });

  test.each([
    ['641520000000', '1990-05-01T00:00:00'],
    ['-86400000', '1969-12-31T00:00:00'],
    ['1990-05-01', '1990-05-01T00:00:00'],
    ['19900501', '1990-05-01T00:00:00'],
  ])('a date %s is %s', async (value, BirthDate) =>
    expect(await contact([change('date_of_birth', value)])).toEqual(fieldsOf({ BirthDate })),
  );

  test('what DirectScale cannot clear is left out, and told', async () => {
    expect(await contact([change('date_of_birth', ''), change('hs_language', '')])).toMatchObject({
      violations: [{ path: 'BirthDate' }, { path: 'LanguageCode' }],
    });
    expect(await contact([])).toEqual(nothing);
  });

  test('without a DirectScale id, the customer is found by link or e-mail', async () => {
    const withoutId = { contact: '1', properties, changes: [change('firstname', 'Maria')] };
    expect(await map(withoutId)).toMatchObject({
      changes: [
        {
          customer: { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] },
          recordId: '1',
        },
      ],
    });
  });

  test('what cannot be normalized is a violation', async () => {
    expect(await contact([change('phone', 'call me')])).toMatchObject({ ok: false });
    expect(await contact([change('date_of_birth', 'May 1st')])).toMatchObject({ ok: false });
  });

  test('100 changes of one contact, in time', async () => {
    const changes = Array.from({ length: 100 }, (_, n) => change(`directscale_field_${n + 1}`, `v${n}`));
    expect(await contact(changes)).toMatchObject({
      ok: true,
      changes: [{ customer: { customerId: '10542' } }],
    });
  });
});
