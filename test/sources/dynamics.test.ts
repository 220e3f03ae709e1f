import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dynamics } from '../../src/sources/dynamics/dynamics.ts';
import { fieldValueOf, isoTimeOf } from '../../src/sources/dynamics/values.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { sender } from '../fixtures/dynamics/sender.ts';
import { maria, mariasAddress } from '../fixtures/maria.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const secrets = ['one', 'two'];
const options = dynamics.options.parse({});
const webApi = { webApi: { host: 'https://contoso.crm.dynamics.com', tokenSecret: 'dataverse-token' } };
const contact = '6d81597f-0f9f-e711-8122-000d3aa2331c';
const user = '75c2dd85-e89e-e711-8122-000d3aa2331c';
const tooLarge = { 'x-ms-dynamics-msg-size-exceeded': 'true' };

const fixture = (name: string) => readFile(`test/fixtures/dynamics/${name}.json`, 'utf8');
const updated = await fixture('contact-update');
const deleted = await fixture('contact-delete');
const cut = await fixture('contact-update.size-exceeded');

const read = (body: string, more: object = {}, headers: Record<string, string> = {}) =>
  dynamics.read(
    keptBefore({ headers: new Headers(headers), body: Buffer.from(body) }),
    dynamics.options.parse(more),
  );
const readContext = (context: unknown, more: object = {}, headers: Record<string, string> = {}) =>
  read(JSON.stringify(context), more, headers);

interface Attributes {
  readonly [column: string]: unknown;
}
const entity = (attributes: Attributes, LogicalName = 'contact') => ({
  LogicalName,
  Attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
});
/** The context of an update of these columns, with what an image tells. */
const update = (target: Attributes, image?: Attributes, more: object = {}) => ({
  ...JSON.parse(updated),
  InputParameters: [{ key: 'Target', value: entity(target) }],
  PostEntityImages: image ? [{ key: 'relay', value: entity(image) }] : [],
  ...more,
});

describe('the secret', () => {
  const verify = (query: string, headers: Record<string, string> = {}, more: object = {}) =>
    dynamics.verify(
      {
        method: 'POST',
        url: new URL(`https://relay.example.com/api/webhooks/crm${query}`),
        headers: new Headers(headers),
        body: Buffer.from(updated),
      },
      { options: dynamics.options.parse(more), keys: keysOf(secrets), now },
    );

  test.each([
    ['WebhookKey', '?code=two', {}, true],
    ['HttpQueryString', '?key=one', {}, true],
    ['HttpHeader', '', { 'X-Relay-Key': 'one' }, true],
    ['another secret', '?code=three&key=three', { 'X-Relay-Key': 'three' }, false],
    ['an empty one', '?code=&key=', { 'X-Relay-Key': '' }, false],
    ['none', '', {}, false],
    ['another name', '?secret=one', { Authorization: 'one' }, false],
  ])('%s: %s %j', (_, query, headers, valid) => {
    expect(verify(query, headers as Record<string, string>)).toBe(valid);
  });

  test('may be elsewhere', () => {
    const elsewhere = { header: 'x-mine', query: 'q' };
    expect([verify('?q=one', {}, elsewhere), verify('', { 'X-Mine': 'two' }, elsewhere)]).toEqual([
      true,
      true,
    ]);
    expect(verify('?key=one', { 'x-relay-key': 'one' }, elsewhere)).toBe(false);
  });

  test('is sent by the sender of the fixtures', () => {
    const url = new URL('https://relay.example.com/api/webhooks/crm');
    expect(verify('', sender.headers(Buffer.from(updated), 'two', now, url))).toBe(true);
  });

  test('anything else is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const query = encodeURIComponent(text.toWellFormed());
        expect(verify(`?code=${query}&key=${query}`)).toBe(secrets.includes(text));
      }),
    );
  });
});

test('the token goes to HTTPS only, but for this machine, and is needed', () => {
  const accepts = (api: object) => dynamics.options.safeParse({ webApi: api }).success;
  const tokenSecret = 'dataverse-token';
  expect(accepts({ host: 'https://contoso.crm.dynamics.com', tokenSecret })).toBe(true);
  expect(accepts({ host: 'http://contoso.crm.dynamics.com', tokenSecret })).toBe(false);
  expect(accepts({ host: 'http://127.0.0.1:1', tokenSecret })).toBe(true);
  expect(accepts({ host: 'https://contoso.crm.dynamics.com' })).toBe(false);
});

describe('values', () => {
  test.each([
    ['/Date(1506384247000)/', '2017-09-26T00:04:07.000Z'],
    // The vendor's sample: the operation of the update that was made a second before.
    ['/Date(1506409448000-0700)/', '2017-09-26T00:04:08.000Z'],
    ['/Date(1795208602000+0000)/', '2026-11-20T21:03:22.000Z'],
    ['/Date(-86400000)/', '1969-12-31T00:00:00.000Z'],
    ['/Date(9999999999999999)/', undefined],
    ['/Date(1e3)/', undefined],
    ['2017-09-26', undefined],
  ])('the time %s is %s', (text, time) => expect(isoTimeOf(text)).toBe(time));

  test.each([
    ['text', 'text'],
    ['x'.repeat(2_000), 'x'.repeat(1_000)],
    [true, true],
    [{ Value: 2 }, 2],
    [
      { Id: 'a', LogicalName: 'account', Name: null, KeyAttributes: [] },
      { Id: 'a', LogicalName: 'account' },
    ],
    [[{ Value: 1 }], undefined],
    [{ Entities: [] }, undefined],
    [null, undefined],
  ])('%j is %j', (value, expected) => expect(fieldValueOf(value)).toEqual(expected));
});

describe('what a delivery says', () => {
  test('what changed, who changed it, and what the image tells', () => {
    expect(read(updated)).toMatchObject({
      topic: 'contact Update',
      content: {
        type: 'changes',
        payload: {
          object: 'contact',
          recordId: contact,
          customerId: '10542',
          occurredAt: '2026-11-20T21:03:22.000Z',
          changedBy: user,
          fields: { address1_postalcode: '84043', new_directscalefield7: '', gendercode: 2 },
        },
      },
    });
    const { content } = readContext(
      update({ firstname: 'M' }, { lastname: 'J', new_directscalecustomerid: 7 }),
    );
    expect(content).toMatchObject({
      payload: { customerId: '7', changed: ['firstname'], fields: { firstname: 'M', lastname: 'J' } },
    });
  });

  test('the Target decides; images of other records do not count', () => {
    const context = update({ firstname: 'new', lastname: null }, { firstname: 'x', lastname: 'x' });
    context.PreEntityImages = [
      { key: 'before', value: entity({ firstname: 'y', middlename: 'M' }) },
      { key: 'other', value: entity({ nickname: 'N' }, 'account') },
    ];
    expect(readContext(context).content).toMatchObject({
      payload: { fields: { firstname: 'new', lastname: '', middlename: 'M' } },
    });
    expect(readContext(context).content).not.toMatchObject({ payload: { fields: { nickname: 'N' } } });
  });

  test('occurred when the record says so, else when the operation began', () => {
    const at = (target: Attributes) => {
      const { content } = readContext(
        update(target, undefined, { OperationCreatedOn: '/Date(1795208609000+0000)/' }),
      );
      return content.type === 'changes' ? (content.payload as { occurredAt?: string }).occurredAt : content;
    };
    expect(at({ firstname: 'M', modifiedon: '/Date(1795208602000)/' })).toBe('2026-11-20T21:03:22.000Z');
    expect(at({ firstname: 'M' })).toBe('2026-11-20T21:03:29.000Z');
  });

  test('its id is equal for a repeat, and another one for another operation with the same content', () => {
    expect(read(updated).id).toBe(read(updated).id);
    const another = updated.replace(
      '5b1c2f64-0a7b-4d3e-8f0c-2c9a1d4e5f60',
      '5b1c2f64-0a7b-4d3e-8f0c-2c9a1d4e5f61',
    );
    expect(read(another).id).not.toBe(read(updated).id);
  });

  test.each([
    ['a deletion', JSON.parse(deleted), `Delete of contact ${contact}`],
    ['a merge', update({}, undefined, { MessageName: 'Merge' }), `Merge of contact ${contact}`],
    ['the other side of a merge', update({ merged: true }), `merge of contact ${contact} into another`],
    [
      'several records',
      update({}, undefined, { MessageName: 'UpdateMultiple' }),
      `UpdateMultiple of contact ${contact}`,
    ],
    ['no record', update({}, undefined, { PrimaryEntityId: null }), 'Update that does not name one record'],
  ])('%s is for a person', (_, context, reason) => {
    expect(readContext(context, webApi).content).toEqual({ type: 'for-a-person', reason });
  });

  test.each([
    ['another table', { PrimaryEntityName: 'lead', MessageName: 'Delete' }],
    ['no table', { PrimaryEntityName: 'none', PrimaryEntityId: null }],
    ['the name of something of JavaScript', { PrimaryEntityName: 'constructor' }],
    ['another message', { MessageName: 'Assign' }],
    ['a new contact without DirectScale id', { MessageName: 'Create' }],
  ])('%s is ignored', (_, more) => {
    expect(readContext(update({ firstname: 'M' }, undefined, more)).content.type).toBe('ignored');
  });

  test('a new contact with the id is a snapshot', () => {
    const context = update(
      { firstname: 'M', lastname: null, new_directscalecustomerid: '10542' },
      undefined,
      { MessageName: 'Create' },
    );
    expect(readContext(context).content).toMatchObject({
      payload: { snapshot: true, customerId: '10542', changed: ['firstname', 'new_directscalecustomerid'] },
    });
  });

  test.each([
    ['by its header', updated, tooLarge],
    ['by its header and its body', cut, tooLarge],
    ['by its body alone', cut, {}],
  ])('what was too large, %s, is for a person, or to be read', (_, body, headers) => {
    expect(read(body, {}, headers).content).toEqual({
      type: 'for-a-person',
      reason: `contact ${contact} changed, but the message came without its data (over 256 KB)`,
    });
    expect(read(body, webApi, headers).content).toMatchObject({
      type: 'items',
      items: [{ record: { object: 'contact', recordId: contact, changedBy: user } }],
    });
  });

  test('what was too large and is a deletion is for a person', () => {
    expect(read(cut.replace('"Update"', '"Delete"'), webApi, tooLarge).content).toEqual({
      type: 'for-a-person',
      reason: `Delete of contact ${contact}`,
    });
  });

  test.each([
    [{}],
    [[]],
    ['text'],
    [{ MessageName: 'Update', PrimaryEntityId: '../contacts' }],
    [{ MessageName: 'Update', InputParameters: [{ value: 1 }] }],
  ])('%j is malformed', (context) => expect(() => readContext(context)).toThrow(MalformedDelivery));

  test('whatever is in a Target, nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (target) => {
        expect(readContext(update(target)).content.type).toMatch(/^(changes|for-a-person)$/);
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
      }),
    );
  });
});

test('a record that was too large, when the options have been taken away since, is for a person', async () => {
  const item = { object: 'contact', recordId: contact };
  const context = { options, secret: () => Promise.reject(new Error('no secret')), timeoutMs: 1 };
  expect(await dynamics.fetch?.(item, context)).toMatchObject({ type: 'for-a-person' });
});

describe('mappings/dynamics.jsonata', async () => {
  const mapping = mappingOf('dynamics.jsonata', await readFile('mappings/dynamics.jsonata', 'utf8'));
  const map = async (context: unknown) => {
    const { content } = readContext(context);
    if (content.type === 'changes') return mapping.map(content.payload, now);
    throw new Error(content.type);
  };
  const fieldsOf = (fields: object) => ({ ok: true, changes: [expect.objectContaining({ fields })] });
  const nothing = { ok: true, changes: [] };
  const columns = {
    address1_line1: '2600 Executive Pkwy',
    address1_line2: 'Suite 400',
    address1_city: 'Lehi',
    address1_stateorprovince: 'Utah',
    address1_postalcode: '84043',
    address1_country: 'USA',
  };
  const account = { Id: '8da6e5b9-88df-e311-b8e5-6c3be5a8b200', LogicalName: 'account', Name: null };

  test('an update of everything', async () => {
    expect(await map(JSON.parse(updated))).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: contact,
          changedBy: user,
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: {
            ...maria,
            PrimaryAddress: mariasAddress,
            AssociateCustom: { Field1: 'gold', Field7: '' },
          },
        },
      ],
    });
  });

  test('only what changed is sent; what was emptied is sent empty', async () => {
    expect(await map(update({ firstname: 'Maria' }, { ...columns, lastname: 'Jensen' }))).toEqual(
      fieldsOf({ FirstName: 'Maria' }),
    );
    expect(await map(update({ lastname: null, telephone1: null, new_directscaletaxid: null }))).toEqual(
      fieldsOf({ LastName: '', PrimaryPhone: '', TaxId: '' }),
    );
    expect(await map(update({ birthdate: null, abc_directscalelanguage: null }))).toMatchObject({
      violations: [{ path: 'BirthDate' }, { path: 'LanguageCode' }],
    });
    expect(await map(update({ description: 'x', gendercode: { Value: 1 } }, columns))).toEqual(nothing);
  });

  test.each([
    ['UTC', '/Date(642693600000)/', '1990-05-14T14:00:00.000Z'],
    ['Australia/Sydney', '/Date(642693600000)/', '1990-05-15'],
    ['America/Denver', '/Date(642751200000)/', '1990-05-15'],
    ['Australia/Sydney', '1990-05-15', '1990-05-15'],
    ['Australia/Sydney', 'soon', 'soon'],
  ])('F46: where midnight is that of %s, the birth date %s is %s', (birthdateTimeZone, birthdate, day) => {
    const { content } = readContext(update({ birthdate }), { birthdateTimeZone });
    expect(content).toMatchObject({ payload: { fields: { birthdate: day } } });
  });

  test('of an address without image, only the parts that changed', async () => {
    expect(await map(update({ address1_city: 'Lehi' }))).toEqual(
      fieldsOf({ PrimaryAddress: { City: 'Lehi' } }),
    );
    expect(await map(update({ address1_line2: null, address1_stateorprovince: 'UT' }))).toEqual(
      fieldsOf({ PrimaryAddress: { Street2: '', Region: 'UT' } }),
    );
    for (const context of [update({ address1_stateorprovince: 'Utah' }), update({ address1_city: null })])
      expect(await map(context)).toMatchObject({ ok: false });
  });

  test('of an address that the image tells, all of it', async () => {
    expect(await map(update({ address1_city: 'Lehi' }, columns))).toEqual(
      fieldsOf({ PrimaryAddress: mariasAddress }),
    );
    const { address1_line2: _, ...line1 } = columns;
    // Nobody says that the second line is empty: the image may not hold it.
    expect(await map(update({ address1_city: 'Lehi' }, line1))).toEqual(
      fieldsOf({ PrimaryAddress: { ...mariasAddress, Street2: undefined } }),
    );
    expect(await map(update({ address1_line3: 'Door 2' }, columns))).toEqual(
      fieldsOf({ PrimaryAddress: { ...mariasAddress, Street2: 'Suite 400, Door 2' } }),
    );
  });

  test('a company: by the name in the image, else reported', async () => {
    const image = { parentcustomerid: { ...account, Name: 'Jensen Wellness LLC' } };
    const company = fieldsOf({ CompanyName: 'Jensen Wellness LLC' });
    expect(await map(update({ parentcustomerid: account }, image))).toEqual(company);
    expect(await map(update({ parentcustomerid: null }, image))).toEqual(fieldsOf({ CompanyName: '' }));
    const person = { ...account, LogicalName: 'contact', Name: 'Jim Jensen' };
    expect(await map(update({ parentcustomerid: person }))).toEqual(nothing);
    for (const other of [{}, { parentcustomerid: { ...account, Id: 'x', Name: 'Other' } }]) {
      expect(await map(update({ parentcustomerid: account }, other))).toMatchObject({
        ok: false,
        violations: [{ path: 'CompanyName' }],
      });
    }
  });

  test('an account', async () => {
    expect(await map(JSON.parse(await fixture('account-update.no-image')))).toEqual(
      fieldsOf({ CompanyName: 'Jensen Wellness LLC', PrimaryPhone: '', PrimaryAddress: { City: 'Lehi' } }),
    );
  });

  test('without a DirectScale id: by e-mail address', async () => {
    const lookUp = async (context: unknown) => {
      const mapped = await map(context);
      return mapped.ok ? mapped.changes[0]?.customer : mapped;
    };
    const image = { emailaddress1: 'maria.jensen@example.com' };
    expect(await lookUp(update({ firstname: 'M' }, image))).toEqual({
      lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }],
    });
  });

  test('a phone that is none is a violation', async () => {
    expect(await map(update({ telephone1: 'call me' }))).toMatchObject({ ok: false });
  });
});
