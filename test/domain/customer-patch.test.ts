import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customerPatchSchema, fieldNames } from '../../src/domain/customer-patch.ts';
import { violationsOf } from '../../src/domain/violation.ts';

const address = {
  Street1: '1 Main St',
  Street2: '',
  City: 'Lehi',
  Region: 'UT',
  PostalCode: '84043',
  CountryCode: 'us',
};

function violations(patch: unknown): Record<string, string> {
  const parsed = customerPatchSchema.safeParse(patch);
  expect(parsed.success).toBe(false);
  return Object.fromEntries(
    violationsOf(parsed.error ?? never()).map(({ path, message }) => [path, message]),
  );
}

function never(): never {
  throw new Error('the patch is valid');
}

test('the sixteen documented fields and AssociateCustom', () => {
  expect(fieldNames).toEqual([
    'WebAlias',
    'Username',
    'CustomerType',
    'CustomerStatus',
    'BirthDate',
    'CompanyName',
    'EmailAddress',
    'PrimaryAddress',
    'DefaultShippingAddress',
    'FirstName',
    'LanguageCode',
    'LastName',
    'PrimaryPhone',
    'SecondaryPhone',
    'TaxId',
    'TextPhone',
    'AssociateCustom',
  ]);
});

describe('what is made of valid values', () => {
  test.each([
    ['1990-05-01', '1990-05-01T00:00:00'],
    ['1990-05-01T00:00:00', '1990-05-01T00:00:00'],
    ['1990-05-01T23:30:00-07:00', '1990-05-01T00:00:00'],
    ['1990-05-01T00:00:00.000Z', '1990-05-01T00:00:00'],
  ])('BirthDate %s leaves as %s', (given, sent) => {
    expect(customerPatchSchema.parse({ BirthDate: given })).toEqual({ BirthDate: sent });
  });

  test('codes get their usual case, text is trimmed', () => {
    expect(
      customerPatchSchema.parse({ PrimaryAddress: address, LanguageCode: 'EN', FirstName: ' Ada ' }),
    ).toEqual({
      PrimaryAddress: { ...address, CountryCode: 'US' },
      LanguageCode: 'en',
      FirstName: 'Ada',
    });
  });

  test('line breaks and other control characters become spaces', () => {
    const patch = { LastName: 'a\u0000b', CompanyName: 'one\r\ntwo\t' };
    expect(customerPatchSchema.parse(patch)).toEqual({ LastName: 'a b', CompanyName: 'one two' });
  });

  test.each([
    ['in', 'id'],
    ['IW', 'he'],
    ['jw', 'jv'],
    ['id', 'id'],
  ])('language %s leaves as %s: no withdrawn code is written', (given, sent) => {
    expect(customerPatchSchema.parse({ LanguageCode: given })).toEqual({ LanguageCode: sent });
  });

  test.each([
    ['DE', 'Region'],
    ['GB', 'Region'],
    ['HK', 'Region'],
    ['AE', 'PostalCode'],
    ['SG', 'City'],
  ])('an address of %s does without %s', (CountryCode, part) => {
    const given = { ...address, CountryCode, [part]: '' };
    expect(customerPatchSchema.parse({ PrimaryAddress: given })).toEqual({ PrimaryAddress: given });
  });

  test('"" clears a text field', () => {
    expect(customerPatchSchema.parse({ CompanyName: '', EmailAddress: '' })).toEqual({
      CompanyName: '',
      EmailAddress: '',
    });
  });
});

const local65 = 'a'.repeat(65);
const label64 = 'a'.repeat(64);

test.each([
  'ada@example.com',
  'ada.b+shop@mail.example.co.uk',
  "o'brien@example.com",
  'r&d@example.com',
  'a/b@example.com',
  '#1@example.com',
  'user%x@example.com',
  'info@example.xn--p1ai',
  'info@müller.example',
  '用户@例子.广告',
  'josé@example.com',
  '"a b"@example.com',
])('%s is an e-mail address', (EmailAddress) => {
  expect(customerPatchSchema.parse({ EmailAddress: ` ${EmailAddress} ` })).toEqual({ EmailAddress });
});

test.each([
  'ada',
  'ada@',
  '@example.com',
  'ada@example',
  'ada@@example.com',
  'ada@exa mple.com',
  'a b@example.com',
  '.ada@example.com',
  'ada.@example.com',
  'a..b@example.com',
  'ada@example..com',
  'ada@.example.com',
  'ada@-example.com',
  'ada@[192.0.2.1]',
  'ada@example.com, bo@example.com',
  'Ada <ada@example.com>',
  `${local65}@example.com`,
  `ada@${label64}.com`,
  '\ud800',
  'ada\udc00@example.com',
])('%s is no e-mail address', (EmailAddress) => {
  expect(Object.keys(violations({ EmailAddress }))).toEqual(['EmailAddress']);
});

describe('what is refused, by path', () => {
  test('an empty patch', () => {
    expect(violations({})).toEqual({ '': 'must change at least one field' });
  });

  test('every problem at once', () => {
    const { City: _, ...partial } = address;
    expect(
      Object.keys(
        violations({
          BackOfficeId: 'A1',
          FirstName: 1,
          CustomerType: '2',
          BirthDate: '1990-02-30',
          PrimaryAddress: { ...partial, Street1: ' ', Street3: 'x', CountryCode: 'United States' },
          AssociateCustom: { Colour: 'red', Field1: 5 },
          WebAlias: '',
        }),
      ).sort(),
    ).toEqual([
      'AssociateCustom.Colour',
      'AssociateCustom.Field1',
      'BackOfficeId',
      'BirthDate',
      'CustomerType',
      'FirstName',
      'PrimaryAddress.City',
      'PrimaryAddress.CountryCode',
      'PrimaryAddress.Street1',
      'PrimaryAddress.Street3',
      'WebAlias',
    ]);
  });

  test.each([
    ['a mask', { TaxId: '***-**-1234' }, 'TaxId'],
    ['half a surrogate pair', { FirstName: 'a\ud800' }, 'FirstName'],
    ['not an e-mail address', { EmailAddress: 'ada@' }, 'EmailAddress'],
    [
      'no region in a country that has them',
      { PrimaryAddress: { ...address, Region: '' } },
      'PrimaryAddress.Region',
    ],
    [
      'no postal code in a country that has them',
      { PrimaryAddress: { ...address, CountryCode: 'DE', PostalCode: ' ' } },
      'PrimaryAddress.PostalCode',
    ],
    ['null', { FirstName: null }, 'FirstName'],
    ['a fraction', { CustomerStatus: 1.5 }, 'CustomerStatus'],
  ])('%s', (_, patch, path) => {
    expect(Object.keys(violations(patch))).toEqual([path]);
  });
});

test('whatever comes in, nothing but known fields comes out, and no message holds a value', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.constantFrom(...fieldNames), fc.string()), fc.anything()),
      (patch) => {
        const parsed = customerPatchSchema.safeParse(patch);
        if (parsed.success) {
          for (const name of Object.keys(parsed.data)) expect(fieldNames).toContain(name);
        } else {
          for (const { message } of violationsOf(parsed.error)) expect(message.length).toBeLessThan(200);
        }
      },
    ),
  );
});
