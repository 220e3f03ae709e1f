import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { shopify } from '../../src/sources/shopify/shopify.ts';
import { maria, mariaAsShopper, mariasAddress, mariasAddresses } from '../fixtures/maria.ts';
import { mappingOf } from './mapping-result.ts';

const receivedAt = new Date('2026-11-23T12:00:00.000Z');
const mapping = mappingOf('shopify.jsonata', await readFile('mappings/shopify.jsonata', 'utf8'));

/** What a body becomes, read as the source reads it. */
async function mapBody(body: string | Buffer, headers: Record<string, string> = {}) {
  const { content } = shopify.read(
    keptBefore({
      headers: new Headers({ 'X-Shopify-Topic': 'customers/update', ...headers }),
      body: Buffer.from(body),
    }),
    {},
  );
  if (content.type !== 'changes') throw new Error(`read as ${content.type}`);
  return mapping.map(content.payload, receivedAt);
}

/** The one change that a payload makes. */
async function changeOf(payload: unknown, headers: Record<string, string> = {}) {
  const result = await mapBody(JSON.stringify(payload), headers);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  const [change, ...others] = result.changes;
  if (!change || others.length > 0) throw new Error(`${result.changes.length} changes`);
  return change;
}

const leftOutOf = async (payload: unknown) => {
  const leftOut = await mapping.leftOut(payload);
  return Object.fromEntries(leftOut.map(({ path, reason }) => [path, reason]));
};

const fixture = (file: string) => readFile(`test/fixtures/shopify/${file}`);
const metafield = (key: string, value: unknown, namespace = 'directscale') => ({ namespace, key, value });
const metafields = [metafield('customer_id', '10542')];

const fields = { ...mariaAsShopper, ...mariasAddresses };
const customer = { customerId: '10542' };

describe('the whole customer', () => {
  test.each([
    ['customers-update.json', '7065064123456'],
    ['customers-update.tag.json', '7065064123456'],
    ['customers-create.2024-10.json', '7065064123456'],
    ['customers-update.large-id.json', '706405506930370084'],
  ])('%s: the fields of Shopify, and nothing of its consents', async (file, recordId) => {
    expect(await mapBody(await fixture(file))).toEqual({
      ok: true,
      changes: [{ customer, recordId, occurredAt: '2026-11-20T21:03:22.000Z', fields }],
    });
  });

  test('metafields fill what Shopify has no place for: every field that is not dangerous', async () => {
    expect(await mapBody(await fixture('customers-update.all-metafields.json'))).toMatchObject({
      changes: [
        {
          customer,
          fields: { ...maria, ...mariasAddresses, AssociateCustom: { Field1: 'gold', Field7: 'blue' } },
        },
      ],
    });
  });

  test("the form of the vendor's own sample: no DirectScale id, no list of addresses, codes for names", async () => {
    const sample = {
      id: '706405506930370084',
      first_name: 'Maria',
      last_name: 'Jensen',
      email: 'maria.jensen@example.com',
      phone: null,
      note: 'This customer loves ice cream',
      addresses: [],
      default_address: {
        company: null,
        address1: "151 O'Connor Street",
        address2: null,
        city: 'Ottawa',
        province: 'ON',
        country: 'CA',
        zip: 'K2P 2L8',
        phone: '613-555-0142',
        province_code: 'ON',
        country_code: 'CA',
        country_name: 'CA',
        default: true,
      },
      updated_at: '2021-12-31T19:00:00-05:00',
    };
    const ottawa = {
      Street1: "151 O'Connor Street",
      Street2: '',
      City: 'Ottawa',
      Region: 'ON',
      PostalCode: 'K2P 2L8',
      CountryCode: 'CA',
    };
    expect(await changeOf(sample)).toEqual({
      customer: { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] },
      recordId: '706405506930370084',
      occurredAt: '2022-01-01T00:00:00.000Z',
      fields: {
        FirstName: 'Maria',
        LastName: 'Jensen',
        EmailAddress: 'maria.jensen@example.com',
        PrimaryPhone: '+16135550142',
        PrimaryAddress: ottawa,
        DefaultShippingAddress: ottawa,
      },
    });
  });

  test('what is empty is not sent: Shopify does not say that it was emptied', async () => {
    for (const empty of [null, '']) {
      const names = ['first_name', 'last_name', 'email', 'phone', 'default_address', 'tags', 'note'];
      const payload = Object.fromEntries(names.map((name) => [name, empty]));
      const some = { ...payload, first_name: 'Maria', metafields, addresses: [] };
      expect((await changeOf(some)).fields).toEqual({ FirstName: 'Maria' });
      expect(await mapBody(JSON.stringify({ ...payload, metafields }))).toEqual({ ok: true, changes: [] });
      const nothing = JSON.stringify({ ...payload, metafields: empty, addresses: empty });
      expect(await mapBody(nothing)).toEqual({
        ok: false,
        violations: [{ path: '', message: expect.stringMatching(/^no customer and no field/) }],
      });
    }
  });
});

describe('the DirectScale id and the other references', () => {
  test.each([
    ['text', [metafield('customer_id', '10542')]],
    ['a number', [metafield('customer_id', 10542)]],
    ['not in a list', metafield('customer_id', '10542')],
    [
      'among those of others',
      [metafield('customer_id', '7', 'loyalty'), metafield('field_1', 'x'), ...metafields],
    ],
  ])('metafield: %s', async (_, given) => {
    expect((await changeOf({ first_name: 'Maria', metafields: given })).customer).toEqual(customer);
  });

  test.each([
    ['tags as text', { tags: 'vip, directscale:10542' }],
    ['tags as a list', { tags: ['vip', 'directscale:10542'] }],
    ['one tag', { tags: ['directscale:10542'] }],
  ])('without a metafield: %s', async (_, given) => {
    const none = { metafields: [metafield('customer_id', null)] };
    expect((await changeOf({ first_name: 'Maria', ...none, ...given })).customer).toEqual(customer);
  });

  test('the metafield goes before the tag', async () => {
    const payload = { first_name: 'Maria', tags: 'directscale:2' };
    expect((await changeOf({ ...payload, metafields })).customer).toEqual(customer);
  });

  test('a tag that only looks like it is none, nor is a note, which customers may write themselves', async () => {
    const tags = 'directscale:x, notdirectscale:7';
    const given = { id: 1, first_name: 'Maria', tags, note: 'directscale:10542' };
    expect((await changeOf(given)).customer).toEqual({ lookUp: [] });
  });

  test.each([
    ['{"id":706405506930370084}', '706405506930370084'],
    ['{"id":8412345600123456}', '8412345600123456'],
    ['{"id":"706405506930370084"}', '706405506930370084'],
    ['{"admin_graphql_api_id":"gid://shopify/Customer/706405506930370084"}', '706405506930370084'],
  ])('the record of %s keeps every digit', async (start, recordId) => {
    const body = start.replace('}', ',"first_name":"Maria"}');
    expect(await mapBody(body)).toMatchObject({ ok: true, changes: [{ recordId }] });
  });

  test('a metafield with a long number keeps every digit', async () => {
    const body = `{"first_name":"Maria","metafields":[{"namespace":"directscale","key":"customer_id","value":706405506930370084},
      {"namespace":"directscale","key":"field_1","value":706405506930370085}]}`;
    expect(await mapBody(body)).toMatchObject({
      changes: [
        {
          customer: { customerId: '706405506930370084' },
          fields: { AssociateCustom: { Field1: '706405506930370085' } },
        },
      ],
    });
  });
});

describe('the time of the change', () => {
  const triggered = { 'X-Shopify-Triggered-At': '2026-11-20T22:00:00.123456Z' };

  test('is updated_at, which is signed; never that of a header', async () => {
    const payload = { first_name: 'Maria', metafields };
    const updated = { ...payload, updated_at: '2026-11-20T14:03:22-07:00' };
    expect((await changeOf(updated, triggered)).occurredAt).toBe('2026-11-20T21:03:22.000Z');
    expect((await changeOf(payload, triggered)).occurredAt).toBeUndefined();
  });
});

describe('the address', () => {
  const lehi = {
    address1: '2600 Executive Pkwy',
    address2: 'Suite 400',
    city: 'Lehi',
    province: 'Utah',
    province_code: 'UT',
    zip: '84043',
    country: 'United States',
    country_code: 'US',
  };
  const other = { ...lehi, address1: '1 Main St', default: false };
  const addressOf = async (given: object) => (await changeOf({ metafields, ...given })).fields.PrimaryAddress;

  test.each([
    ['default_address alone', { default_address: lehi }],
    ['default_address beside a list without it', { default_address: lehi, addresses: [other] }],
    ['the default of a list', { default_address: null, addresses: [other, { ...lehi, default: true }] }],
    ['the only one of a list', { addresses: [lehi] }],
  ])('%s', async (_, given) => {
    expect(await addressOf(given)).toEqual(mariasAddress);
    expect((await changeOf({ metafields, ...given })).fields.DefaultShippingAddress).toEqual(mariasAddress);
  });

  test('of several without a default none is taken', async () => {
    expect((await changeOf({ metafields, first_name: 'Maria', addresses: [other, lehi] })).fields).toEqual({
      FirstName: 'Maria',
    });
  });

  test.each(['address1', 'city', 'zip'])('without %s it is left out', async (name) => {
    for (const empty of [null, '', undefined]) {
      const given = { metafields, first_name: 'Maria', default_address: { ...lehi, [name]: empty } };
      expect((await changeOf(given)).fields).toEqual({ FirstName: 'Maria' });
    }
  });

  test('without any country it is left out, and by name it is as good as by code', async () => {
    const none = { ...lehi, country_code: null, country: null };
    const given = { metafields, first_name: 'Maria', default_address: none };
    expect((await changeOf(given)).fields).toEqual({ FirstName: 'Maria' });
    const named = { ...lehi, country_code: null, province_code: null };
    expect(await addressOf({ default_address: named })).toEqual(mariasAddress);
  });

  test('no second line is an empty one', async () => {
    for (const address2 of [null, '', undefined]) {
      expect(await addressOf({ default_address: { ...lehi, address2 } })).toEqual({
        ...mariasAddress,
        Street2: '',
      });
    }
  });

  test.each([
    ['MX', 'AGS', 'Aguascalientes', 'AGU'],
    ['MY', 'JHR', 'Johor', '01'],
    ['GT', 'AVE', 'Alta Verapaz', '16'],
    ['ZA', 'NL', 'KwaZulu-Natal', 'KZN'],
    ['JP', 'JP-13', 'Tōkyō', '13'],
    ['ES', 'C', 'A Coruña', 'C'],
    ['AE', 'DU', 'Dubai', 'DU'],
  ])('region of %s: %s (%s) is %s', async (country_code, province_code, province, Region) => {
    const default_address = { ...lehi, country_code, province_code, province };
    expect(await addressOf({ default_address })).toMatchObject({ Region, CountryCode: country_code });
  });

  test('a country without provinces: the region is empty, not the one that DirectScale holds', async () => {
    const default_address = {
      ...lehi,
      country: 'Germany',
      country_code: 'DE',
      province: null,
      province_code: null,
    };
    const expected = { ...mariasAddress, CountryCode: 'DE', Region: '' };
    expect(await addressOf({ default_address })).toEqual(expected);
  });

  test('what cannot be normalized is not guessed, and the reason holds no value', async () => {
    const region = { metafields, default_address: { ...lehi, province_code: 'Nowhere' } };
    const reason = 'is not a state or province of the country, by code or by name';
    // The name beside a code that is none decides.
    expect(await leftOutOf(region)).toEqual({});
    const nowhere = { metafields, default_address: { ...lehi, province_code: 'Nowhere', province: 'Zion' } };
    expect(await leftOutOf(nowhere)).toEqual({
      'PrimaryAddress.Region': reason,
      'DefaultShippingAddress.Region': reason,
    });
    const country = { metafields, default_address: { ...lehi, country_code: 'ZZ', country: 'Zion' } };
    expect(await leftOutOf(country)).toMatchObject({
      'PrimaryAddress.CountryCode': 'is not a country, by code or by name',
    });
    const phone = { metafields, phone: 'ask the neighbour' };
    expect(await leftOutOf(phone)).toEqual({
      PrimaryPhone: expect.stringContaining('is not a phone number'),
    });
  });
});

test("a phone without a country of its own is of the address's country", async () => {
  const at = (country_code: string) => ({ address1: '1 Main St', country_code });
  const phoneOf = async (payload: object) => (await changeOf({ metafields, ...payload })).fields.PrimaryPhone;
  expect(await phoneOf({ phone: '(801) 555-0142', default_address: at('US') })).toBe('+18015550142');
  expect(await phoneOf({ phone: '030 5550142', default_address: at('DE') })).toBe('+49305550142');
  expect(await phoneOf({ default_address: { ...at('US'), phone: '801.555.0142' } })).toBe('+18015550142');
  expect(await phoneOf({ phone: '+18015550142' })).toBe('+18015550142');
});
