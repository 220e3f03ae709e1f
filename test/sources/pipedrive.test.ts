import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { pipedrive } from '../../src/sources/pipedrive/pipedrive.ts';
import { maria, mariaAsShopper, mariasAddress } from '../fixtures/maria.ts';
import { sampleOptions, sender } from '../fixtures/pipedrive/sender.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/pipedrive');
const options = pipedrive.options.parse(sampleOptions);
const fixture = async (name: string) =>
  JSON.parse(await readFile(`test/fixtures/pipedrive/${name}.json`, 'utf8'));
const sample = await fixture('person-change');
const { directscale_address: addressKey } = sampleOptions.fields;

/** The sample with other members in data, previous and meta. */
const event = ({ data = {}, previous = {}, meta = {} }: Record<string, object | null> = {}) => ({
  data: data && { ...sample.data, ...data },
  previous,
  meta: { ...sample.meta, ...meta },
});
const read = (payload: unknown, given = options) =>
  pipedrive.read(keptBefore({ headers: new Headers(), body: Buffer.from(JSON.stringify(payload)) }), given);
const payloadOf = (payload: unknown, given = options) => {
  const { content } = read(payload, given);
  if (content.type !== 'changes') throw new Error(JSON.stringify(content));
  return content.payload;
};

test.each([
  { idField: 'directscale' },
  { fields: { directscale_adress: addressKey } },
  { fields: { directscale_field_0: addressKey } },
  { fields: { directscale_address: 'address' } },
])('options: neither another name nor what is no key: %j', (given) => {
  expect(pipedrive.options.safeParse(given).success).toBe(false);
  expect(pipedrive.options.safeParse({}).success).toBe(true);
});

describe('HTTP Basic', () => {
  const verify = (headers: Record<string, string>, secrets = ['relay:first', 'relay:second']) => {
    const request = { method: 'POST', url, headers: new Headers(headers), body: Buffer.from('{}') };
    return pipedrive.verify(request, { options, keys: keysOf(secrets), now });
  };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  // RFC 7617, section 2: the norm's own example.
  test('as in the norm', () => {
    const headers = { Authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' };
    expect(verify(headers, ['Aladdin:open sesame'])).toBe(true);
    expect(verify(headers, ['Aladdin:open sesamE'])).toBe(false);
  });

  test('with one of the secrets', () => {
    expect(verify(sender.headers(Buffer.from('{}'), 'relay:first', now, url))).toBe(true);
    expect(verify({ Authorization: basic('relay:second') })).toBe(true);
    for (const other of ['', 'relay:', 'relay', 'relay:third', 'Relay:first', 'relay:first ']) {
      expect(verify({ Authorization: basic(other) })).toBe(false);
    }
    expect(verify({})).toBe(false);
    expect(verify({ Authorization: basic('') }, [''])).toBe(false);
    expect(verify({ Authorization: 'Bearer relay:first' })).toBe(false);
  });

  test('with nothing else, without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1 }), (text, secret) => {
        expect(verify({ Authorization: basic(text) }, [secret])).toBe(text === secret);
        expect(verify({ Authorization: text.replace(/[^\x21-\x7e]/g, '') }, [secret])).toBe(false);
      }),
    );
  });
});

describe('what an event says', () => {
  test('a change: who, when, by whom, and what', () => {
    const delivery = read(sample);
    expect(delivery).toMatchObject({
      id: '2f9b7c10-0d57-4a0e-9c58-63a5d2f6b1aa:change:person:8',
      topic: 'change.person',
    });
    expect(payloadOf(sample)).toMatchObject({
      recordId: '8',
      customerId: '10542',
      occurredAt: '2026-11-20T21:03:22.616Z',
      changedBy: '12415231',
      person: { directscale_field_1: 'gold', directscale_address: { locality: 'Lehi' } },
      previous: { first_name: 'Mary', directscale_field_1: 'silver', directscale_address: null },
      changed: [
        'first_name',
        'last_name',
        'name',
        'emails',
        'phones',
        'directscale_address',
        'directscale_company_name',
        'directscale_birth_date',
        'directscale_field_1',
      ],
    });
  });

  test('the id: equal for each attempt, another one for what is or may be another event', () => {
    const { id } = read(sample);
    expect(read(event({ meta: { attempt: 3 } })).id).toBe(id);
    for (const meta of [{ id: 'other' }, { action: 'delete' }, { entity_id: '9' }, { entity: 'deal' }]) {
      expect(read(event({ meta })).id).not.toBe(id);
    }
  });

  test.each([
    ['its own, within the same second', {}, {}, '2026-11-20T21:03:22.616Z'],
    [
      "the person's, when it is sent later",
      {},
      { timestamp: '2026-11-20T21:03:23.000Z' },
      '2026-11-20T21:03:22Z',
    ],
    ["the person's, where it is in seconds", {}, { timestamp: 1795208602 }, '2026-11-20T21:03:22Z'],
    ["the person's alone", {}, { timestamp: null }, '2026-11-20T21:03:22Z'],
    ['its own alone', { update_time: null }, {}, '2026-11-20T21:03:22.616Z'],
    ['none', { update_time: null }, { timestamp: undefined }, undefined],
  ])('the time is %s', (_, data, meta, occurredAt) => {
    const payload = payloadOf(event({ data, previous: { first_name: 'Mary' }, meta }));
    expect((payload as { occurredAt?: unknown }).occurredAt).toBe(occurredAt);
  });

  test('what is listed but equal did not change; null and absent are the same', () => {
    const previous = {
      first_name: 'Maria',
      emails: sample.data.emails,
      notes: null,
      custom_fields: { [addressKey]: sample.data.custom_fields[addressKey] },
    };
    expect(payloadOf(event({ previous }))).toMatchObject({ changed: [] });
  });

  test('custom fields are also found beside the standard ones', () => {
    const { custom_fields, ...data } = sample.data;
    const flat = { ...sample, data: { ...data, ...custom_fields }, previous: { [addressKey]: null } };
    expect(payloadOf(flat)).toMatchObject({ changed: [addressKey, 'directscale_address'] });
  });

  test.each([
    ['text', { type: 'varchar', value: '10542' }, '10542'],
    ['a number', { type: 'double', value: 10542 }, '10542'],
    ['a plain value', '10542', '10542'],
    ['nothing', null, undefined],
    ['an option', { type: 'enum', id: 38 }, undefined],
  ])('the DirectScale id in %s', (_, field, customerId) => {
    const payload = payloadOf(event({ data: { custom_fields: { [sampleOptions.idField]: field } } }));
    expect((payload as { customerId?: string }).customerId).toBe(customerId);
  });

  test('without options: no id and no custom fields', () => {
    const payload = payloadOf(sample, pipedrive.options.parse({}));
    expect(payload).not.toHaveProperty('customerId');
    expect(payload).toMatchObject({ changed: ['first_name', 'last_name', 'name', 'emails', 'phones'] });
  });

  test('a new person: all that she holds, if she has the DirectScale id', () => {
    const created = event({ meta: { action: 'create' }, previous: null });
    expect(payloadOf(created)).toMatchObject({ snapshot: true, previous: {}, customerId: '10542' });
    expect((payloadOf(created) as { changed: string[] }).changed).not.toContain('label');
    const nobody = event({ meta: { action: 'create' }, data: { custom_fields: {} }, previous: null });
    expect(read(nobody).content).toEqual({
      type: 'ignored',
      reason: 'a new person without a DirectScale id',
    });
  });

  test.each([[undefined], [null], [[]]])(
    'a change that does not say what changed is a snapshot: %j',
    (previous) => {
      expect(payloadOf({ ...sample, previous })).toMatchObject({ snapshot: true });
    },
  );

  test.each([
    ['deleted', { action: 'delete' }, 'was deleted in Pipedrive'],
    ['merged', { action: 'delete', merged_to_id: '9' }, 'was merged into 9'],
    ['that another was merged into', { merged_from_id: '9' }, 'took over 9 in a merge'],
    ['with something unheard-of', { action: 'restore' }, 'had a restore'],
  ])('a person %s is for a person', (_, meta, words) => {
    const data = 'action' in meta && meta.action === 'delete' ? null : {};
    expect(read(event({ data, meta })).content).toEqual({
      type: 'for-a-person',
      reason: `person 8 ${words}`,
    });
  });

  test('the fixture of a deletion', async () => {
    expect(read(await fixture('person-delete'))).toMatchObject({
      topic: 'delete.person',
      content: { type: 'for-a-person', reason: 'person 8 was deleted in Pipedrive' },
    });
  });

  test.each([
    ['first_name', { first_name: undefined }, { first_name: 'Mary' }],
    ['postal_address', { postal_address: 'Lehi' }, { postal_address: 'Provo' }],
    ['directscale_address', { custom_fields: {} }, { custom_fields: { [addressKey]: { value: 'Provo' } } }],
    [
      'directscale_company_name',
      { custom_fields: { [sampleOptions.fields.directscale_company_name]: { type: 'enum', id: 38 } } },
      { custom_fields: { [sampleOptions.fields.directscale_company_name]: { type: 'enum', id: 37 } } },
    ],
  ])('a new value that is not told is for a person, not a clear: %s', (name, data, previous) => {
    expect(read(event({ data, previous })).content).toEqual({
      type: 'for-a-person',
      reason: `person 8 has another ${name}, but Pipedrive did not tell which`,
    });
  });

  test('a change without data is for a person', () => {
    expect(read(event({ data: null })).content).toMatchObject({ type: 'for-a-person' });
  });

  test.each(['deal', 'organization', 'user'])('%s is ignored', (entity) => {
    expect(read(event({ meta: { entity } })).content).toMatchObject({ type: 'ignored' });
    expect(read(event({ data: null, meta: { entity, action: 'delete' } })).content.type).toBe('ignored');
  });

  test('version 1 says what is to be done', () => {
    const version1 = (object: string) => ({ v: 1, meta: { action: 'updated', object, id: 8 }, current: {} });
    expect(read(version1('person'))).toMatchObject({
      topic: 'updated.person',
      content: { type: 'for-a-person', reason: expect.stringContaining('version 2.0') },
    });
    expect(read(version1('deal')).content.type).toBe('ignored');
  });

  test.each([[[]], [{}], [{ meta: {} }], [{ meta: { id: '1', entity: 'person' } }], [null], [7]])(
    'what is no event is malformed: %j',
    (payload) => expect(() => read(payload)).toThrow(MalformedDelivery),
  );
});

describe('mappings/pipedrive.jsonata', async () => {
  const mapping = mappingOf('pipedrive.jsonata', await readFile('mappings/pipedrive.jsonata', 'utf8'));
  const map = (payload: unknown, given = options) => mapping.map(payloadOf(payload, given), now);
  const fieldsOf = async (...given: Parameters<typeof map>) => {
    const result = await map(...given);
    if (!result.ok) throw new Error(JSON.stringify(result.violations));
    return result.changes[0]?.fields;
  };
  const held = sample.data.custom_fields[addressKey];
  const withAddress = (more: object | null, previous: object | null = null) =>
    event({
      data: { custom_fields: { [addressKey]: more && { ...held, ...more } } },
      previous: { custom_fields: { [addressKey]: previous } },
    });

  test('the sample: what changed, and nothing else', async () => {
    expect(await map(sample)).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: '8',
          changedBy: '12415231',
          occurredAt: '2026-11-20T21:03:22.616Z',
          fields: {
            ...mariaAsShopper,
            TextPhone: maria.TextPhone,
            BirthDate: maria.BirthDate,
            PrimaryAddress: mariasAddress,
            AssociateCustom: { Field1: 'gold' },
          },
        },
      ],
    });
  });

  test('what was emptied is cleared, as far as DirectScale can', async () => {
    const { fields } = sampleOptions;
    const data = {
      first_name: null,
      emails: [],
      phones: [{ value: '', primary: true, label: 'work' }],
      custom_fields: {
        [fields.directscale_company_name]: null,
        [fields.directscale_birth_date]: { type: 'date', value: null },
        [fields.directscale_field_1]: { type: 'varchar', value: '' },
        [addressKey]: null,
      },
    };
    const previous = {
      first_name: 'Mary',
      emails: [{ value: 'mary@example.com', primary: true }],
      phones: sample.data.phones,
      custom_fields: sample.data.custom_fields,
    };
    expect(await fieldsOf(event({ data, previous }))).toEqual({
      FirstName: '',
      EmailAddress: '',
      PrimaryPhone: '',
      TextPhone: '',
      CompanyName: '',
      AssociateCustom: { Field1: '' },
    });
  });

  test('of a list only what counts', async () => {
    const [home, work] = sample.data.emails;
    const another = { ...home, value: 'other@example.com' };
    expect(await fieldsOf(event({ previous: { emails: [another, work] } }))).toBeUndefined();
    expect(await fieldsOf(event({ previous: { emails: [] } }))).toEqual({
      EmailAddress: 'maria.jensen@example.com',
    });
    const [office, mobile] = sample.data.phones;
    expect(await fieldsOf(event({ previous: { phones: [office] } }))).toEqual({ TextPhone: '+18015550144' });
    const noPrimary = [{ value: '+18015550149', label: 'home' }, mobile];
    expect(
      await fieldsOf(event({ data: { phones: noPrimary }, previous: { phones: sample.data.phones } })),
    ).toEqual({ PrimaryPhone: '+18015550149' });
  });

  test('a new person: what is not empty', async () => {
    const created = (data: object) =>
      event({ meta: { action: 'create' }, data: { ...data, last_name: null }, previous: null });
    expect(await fieldsOf(created({ phones: [] }))).toEqual({
      FirstName: 'Maria',
      EmailAddress: 'maria.jensen@example.com',
      CompanyName: 'Jensen Wellness LLC',
      BirthDate: '1990-05-01T00:00:00',
      PrimaryAddress: mariasAddress,
      AssociateCustom: { Field1: 'gold' },
    });
    const half = { ...sample.data.custom_fields, [addressKey]: { ...held, locality: null } };
    expect(await fieldsOf(created({ custom_fields: half }))).not.toHaveProperty('PrimaryAddress');
  });

  test.each([
    ['before', '2600', '2600 Executive Pkwy, Lehi', '2600 Executive Pkwy'],
    ['after', '12', 'Executive Pkwy 12, Lehi', 'Executive Pkwy 12'],
    ['nowhere', null, 'Executive Pkwy, Lehi', 'Executive Pkwy'],
  ])('the number of the house %s the street, as in the text', async (_, street_number, value, Street1) => {
    const given = withAddress({ street_number, value, formatted_address: null });
    expect(await fieldsOf(given)).toEqual({ PrimaryAddress: { ...mariasAddress, Street1 } });
  });

  test('an address that changed and is not whole is reported', async () => {
    const given = withAddress({ value: 'Exec Pkwy', formatted_address: null, postal_code: null });
    const result = await map(given);
    expect(result.ok ? [] : result.violations.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['PrimaryAddress.Street1', 'PrimaryAddress.PostalCode']),
    );
  });

  test('one that was removed is not sent, and told', async () => {
    const empty = Object.fromEntries(Object.keys(held).map((name) => [name, null]));
    for (const gone of [null, empty]) {
      const result = await map(withAddress(gone, held));
      expect(result.ok ? [] : result.violations.map(({ path }) => path)).toContain('PrimaryAddress.City');
    }
  });

  test('where there is no state, the region is empty, unless addresses of the country need one', async () => {
    const german = { admin_area_level_1: null, country: 'Germany' };
    expect(await fieldsOf(withAddress(german))).toEqual({
      PrimaryAddress: { ...mariasAddress, Region: '', CountryCode: 'DE' },
    });
    expect(await map(withAddress({ admin_area_level_1: null }))).toMatchObject({
      violations: [{ path: 'PrimaryAddress.Region' }],
    });
  });

  test('the address and the birthday of the contact synchronization', async () => {
    const data = { custom_fields: {}, postal_address: held, birthday: '1990-05-01' };
    expect(await fieldsOf(event({ data, previous: { postal_address: null, birthday: null } }))).toEqual({
      PrimaryAddress: mariasAddress,
      BirthDate: '1990-05-01T00:00:00',
    });
  });

  test('every other field of the options', async () => {
    const key = (n: number) => String(n).repeat(40);
    const fields = {
      directscale_shipping_address: key(1),
      directscale_secondary_phone: key(2),
      directscale_text_phone: key(3),
      directscale_language: key(4),
      directscale_tax_id: key(5),
      directscale_field_12: key(6),
    };
    const custom_fields = {
      [key(1)]: held,
      [key(2)]: { type: 'phone', value: '+1 801 555 0143' },
      [key(3)]: { type: 'phone', value: '+1 801 555 0145' },
      [key(4)]: { type: 'varchar', value: 'English' },
      [key(5)]: { type: 'double', value: 123456789 },
      [key(6)]: { type: 'varchar', value: 'blue' },
    };
    const previous = { custom_fields: Object.fromEntries(Object.values(fields).map((name) => [name, null])) };
    const given = pipedrive.options.parse({ fields });
    expect(await fieldsOf(event({ data: { custom_fields }, previous }), given)).toEqual({
      DefaultShippingAddress: mariasAddress,
      SecondaryPhone: '+18015550143',
      TextPhone: '+18015550145',
      LanguageCode: 'en',
      TaxId: '123456789',
      AssociateCustom: { Field12: 'blue' },
    });
  });

  test.each([
    ['as she has it', { first_name: 'Mary' }, 'maria.jensen@example.com'],
    ['as she had it', { emails: [{ value: 'mary@example.com', primary: true }] }, 'mary@example.com'],
  ])('without the DirectScale id, she is found by link or e-mail address, %s', async (_, previous, value) => {
    const result = await map(event({ previous }), pipedrive.options.parse({}));
    expect(result).toMatchObject({
      changes: [{ customer: { lookUp: [{ by: 'emailAddress', value }] }, recordId: '8' }],
    });
  });

  test('who has just got an e-mail address is not found by it', async () => {
    const result = await map(event({ previous: { emails: [] } }), pipedrive.options.parse({}));
    expect(result).toMatchObject({ changes: [{ customer: { lookUp: [] }, recordId: '8' }] });
  });

  test('what cannot be normalized is a violation', async () => {
    const phones = [{ value: 'call me', primary: true }];
    expect(await map(event({ data: { phones }, previous: { phones: [] } }))).toMatchObject({
      violations: [{ message: expect.stringContaining('phone number') }],
    });
    expect(await map(withAddress({ admin_area_level_1: 'Atlantis' }))).toMatchObject({
      violations: [{ message: expect.stringContaining('state or province') }],
    });
  });

  test('the body of the sender is an event of its own, of now', () => {
    const body = sender.justNow?.(Buffer.from(JSON.stringify(sample)), now) ?? Buffer.from('');
    const sent = JSON.parse(body.toString('utf8'));
    expect(sent.meta.id).not.toBe(sample.meta.id);
    expect(payloadOf(sent)).toMatchObject({ occurredAt: now.toISOString() });
  });
});
