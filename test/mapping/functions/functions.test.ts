import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mappingFunctions } from '../../../src/mapping/functions/index.ts';
import { compileMapping } from '../../../src/mapping/mapping.ts';
import { unusable, unusableReason } from '../../../src/mapping/unusable.ts';

const functions = mappingFunctions('empty');
const { country, date, language, phone, region } = functions;

/** The function's result, or `cannot` when the value cannot be used. */
async function result(call: () => unknown): Promise<unknown> {
  const value = await call();
  return typeof value === 'string' && unusableReason(value) !== undefined ? 'cannot' : value;
}

describe('$country', () => {
  test.each([
    ['US', 'US'],
    [' us ', 'US'],
    ['USA', 'US'],
    ['United States', 'US'],
    ['united states of america', 'US'],
    ['Germany', 'DE'],
    ['UK', 'GB'],
    ['United Kingdom', 'GB'],
    ["Côte d'Ivoire", 'CI'],
    ['Turkey', 'TR'],
    ['', ''],
    [undefined, undefined],
    [null, undefined],
    [' ', undefined],
    ['Deutschland', 'DE'],
    ['Great Britain', 'GB'],
    ['England', 'GB'],
    ['The Netherlands', 'NL'],
    ['U.S.A.', 'US'],
    ['Hong Kong SAR', 'HK'],
    ['Kosovo', 'XK'],
    ['日本', 'JP'],
    ['Congo', 'cannot'],
    [unusable('must be text'), 'cannot'],
    ['XX', 'cannot'],
    ['Nowhere', 'cannot'],
    [{}, 'cannot'],
  ])('%j is %j', async (given, expected) => {
    expect(await result(() => country(given))).toBe(expected);
  });
});

describe('$region', () => {
  test.each([
    ['UT', 'US', 'UT'],
    ['us-ut', 'US', 'UT'],
    ['Utah', 'United States', 'UT'],
    ['ONTARIO', 'CA', 'ON'],
    ['Québec', 'CA', 'QC'],
    ['Quebec', 'CA', 'QC'],
    ['New South Wales', 'AU', 'NSW'],
    ['', 'US', ''],
    [undefined, 'US', undefined],
    [' ', 'US', undefined],
    ['AE', 'US', 'AE'],
    ['Armed Forces Pacific', 'US', 'AP'],
    ['Bayern', 'Deutschland', 'BY'],
    ['CDMX', 'MX', 'CMX'],
    ['South Yorkshire', 'GB', 'cannot'],
    ['Singapore', 'SG', 'cannot'],
    ['UT', unusable('must be text'), 'cannot'],
    ['Ontario', 'US', 'cannot'],
    ['UT', undefined, 'cannot'],
  ])('%j of %j is %j', async (given, of, expected) => {
    expect(await result(() => region(given, of))).toBe(expected);
  });
});

test.each([
  ['JA', 'MX', 'Jalisco', undefined, 'JAL'],
  ['JA', 'MX', undefined, 'woocommerce', 'JAL'],
  ['NL', 'ZA', undefined, 'shopify', 'KZN'],
  ['FL', 'MD', undefined, 'woocommerce', 'FA'],
  [undefined, 'US', 'Utah', undefined, 'UT'],
  ['??', 'US', 'Utah', undefined, 'UT'],
  ['UT', 'US', 'Wherever', undefined, 'UT'],
])('the code %j of %s beside the name %j, of %s, is %s', async (code, of, name, vendor, expected) => {
  expect(await result(() => region(code, of, name, vendor))).toBe(expected);
});

test('a code beside the name of a country decides, unless it is none', async () => {
  expect(await country('DE', 'France')).toBe('DE');
  expect(await country('', 'France')).toBe('FR');
  expect(await country('??', 'France')).toBe('FR');
  expect(await country('CD', 'Congo')).toBe('CD');
});

test('with "as-given" a region that cannot be named is sent as it is', async () => {
  const asGiven = mappingFunctions('as-given').region;
  expect(await asGiven(' South Yorkshire ', 'GB')).toBe('South Yorkshire');
  expect(await asGiven('Utah', 'US')).toBe('UT');
});

describe('$phone', () => {
  test.each([
    ['+1 801 555 0142', undefined, undefined, '+18015550142'],
    ['(801) 555-0142', 'US', undefined, '+18015550142'],
    ['(801) 555-0142', 'US', 'digits', '18015550142'],
    ['+1 801 555 0142', undefined, 'national', '8015550142'],
    [8015550142, 'US', undefined, '+18015550142'],
    ['030 123456', 'DE', undefined, '+4930123456'],
    ['', 'US', undefined, ''],
    [undefined, 'US', undefined, undefined],
    ['(801) 555-0142', undefined, undefined, 'cannot'],
    ['call me', 'US', undefined, 'cannot'],
    ['12', 'US', undefined, 'cannot'],
    [' ', 'US', undefined, undefined],
    ['801 555 0142 ext. 7', 'US', undefined, '+18015550142'],
    ['+1 801-555-0142 x204', undefined, undefined, '+18015550142'],
    ['801-555-0142,,4021', 'US', undefined, '+18015550142'],
    ['0049 221 5550142', 'US', undefined, '+492215550142'],
    ['0049 221 5550142', undefined, undefined, '+492215550142'],
    ['0049 221 5550142', 'DE', undefined, '+492215550142'],
    ['011 44 20 7946 0958', 'US', undefined, '+442079460958'],
    ['801-555-0142 / 801-555-0143', 'US', undefined, '+18015550142'],
    ['n/a; 801-555-0143', 'US', undefined, '+18015550143'],
    ['0061 2 5550 1420', 'AU', undefined, '+61255501420'],
    ['0049 221 5550142', 'JP', undefined, '+492215550142'],
    ['0049 221 5550142', 'SG', undefined, '+492215550142'],
    // Where the length of a number varies, two of them in a row could be one.
    ['0221 12345 / 54321', 'DE', undefined, '+4922112345'],
    ['030 123456/654321', 'DE', undefined, '+4930123456'],
    ['021 5550142 / 5550143', 'ID', undefined, '+62215550142'],
    ['06 12345 / 54321', 'IT', undefined, '+390612345'],
    ['+49 221 5550142 / 5550143', undefined, undefined, '+492215550142'],
    // The slash behind an area code.
    ['0221/5550142', 'DE', undefined, '+492215550142'],
    ['0221 / 5550142', 'DE', undefined, '+492215550142'],
    ['+43 (0)2741 / 12345', undefined, undefined, '+43274112345'],
    ['+49 221 5550142', 'Nowhere', undefined, '+492215550142'],
    ['00000000', 'DE', undefined, 'cannot'],
    ['n/a', 'US', undefined, 'cannot'],
    ['+1 801 555 0142', undefined, 'letters', 'cannot'],
  ])('%j, %j, %j is %j', async (given, of, format, expected) => {
    expect(await result(() => phone(given, of, format))).toBe(expected);
  });
});

describe('$date', () => {
  test.each([
    ['1990-05-01', '1990-05-01'],
    ['1990-05-01T23:59:59-07:00', '1990-05-01'],
    ['1990-05-01 00:00:00', '1990-05-01'],
    ['19900501', '1990-05-01'],
    ['1990/05/01', '1990-05-01'],
    ['', ''],
    [undefined, undefined],
    [' ', undefined],
    ['1990/5/1', '1990-05-01'],
    ['May 13, 1990', '1990-05-13'],
    ['13th may 1990', '1990-05-13'],
    ['13-May-1990', '1990-05-13'],
    ['13.5.1990', '1990-05-13'],
    ['05/13/1990', '1990-05-13'],
    ['05/01/1990', 'cannot'],
    ['May 1990', 'cannot'],
    ['Maybe 13, 1990', 'cannot'],
    ['31 Feb 1990', 'cannot'],
    ['13.5.90', 'cannot'],
    ['tomorrow', 'cannot'],
    ['1990-02-30', 'cannot'],
    ['1990-05-011', 'cannot'],
  ])('%j is %j', async (given, expected) => {
    expect(await result(() => date(given))).toBe(expected);
  });
});

describe('$language', () => {
  test.each([
    ['en', 'en'],
    ['EN', 'en'],
    ['en_US', 'en'],
    ['ja-JP', 'ja'],
    ['eng', 'en'],
    ['Spanish', 'es'],
    ['', ''],
    [undefined, undefined],
    ['xx', 'cannot'],
    ['Klingonian', 'cannot'],
    ['Indonesian', 'id'],
    ['in', 'id'],
    ['id', 'id'],
    ['Hebrew', 'he'],
    ['he-il', 'he'],
    ['iw', 'he'],
    ['Javanese', 'jv'],
    ['jw', 'jv'],
    ['sh', 'sr'],
    ['mo', 'ro'],
    ['fil', 'tl'],
    ['Filipino', 'tl'],
    ['Tagalog', 'tl'],
    ['tl', 'tl'],
    ['English (US)', 'en'],
    ['Chinese (Simplified)', 'zh'],
    ['zh_Hant_TW', 'zh'],
    ['Deutsch', 'de'],
    ['Français', 'fr'],
    ['español', 'es'],
    ['日本語', 'ja'],
    ['ger', 'de'],
  ])('%j is %j', async (given, expected) => {
    expect(await result(() => language(given))).toBe(expected);
  });
});

test('$entities reads what was written for HTML, once', async () => {
  const { entities } = functions;
  expect(await entities('Ann &amp; Bo')).toBe('Ann & Bo');
  expect(await entities('Acme &amp; O&#8217;Brien Ltd')).toBe('Acme & O’Brien Ltd');
  expect(await entities('&amp;amp; R&D&copy 2&nbsp;x')).toBe('&amp; R&D&copy 2 x');
  expect(await entities(7)).toBe(7);
  expect(await entities(undefined)).toBeUndefined();
});

test('in an order that the mapping names, numbers are read', () => {
  expect(date('05/01/1990', 'dmy')).toBe('1990-01-05');
  expect(date('05/01/1990', 'mdy')).toBe('1990-05-01');
});

test('whatever is given: a value, nothing, or a reason that does not repeat it', async () => {
  const reasons = /^(must be text|is longer than 300 characters|is not a |needs the country|the format of)/;
  for (const call of [country, date, language, phone, region]) {
    await fc.assert(
      fc.asyncProperty(
        fc.anything(),
        fc.oneof(fc.constantFrom('US', 'DE', undefined), fc.anything()),
        async (given, of) => {
          const value: unknown = await call(given, of);
          expect(['string', 'undefined']).toContain(typeof value);
          const reason = typeof value === 'string' ? unusableReason(value) : undefined;
          if (reason !== undefined) expect(reason).toMatch(reasons);
        },
      ),
    );
  }
});

test('a mapping calls them; what cannot be used is told with its path, and the rest goes on', async () => {
  const mapping = compileMapping(
    'own.jsonata',
    `{ "customer": { "customerId": "7" }, "fields": { "PrimaryPhone": $phone(phone, country), "LanguageCode": $language(locale) } }`,
  );
  const now = new Date();
  expect(await mapping.map({ phone: '801 555 0142', country: 'USA', locale: 'en-US' }, now)).toMatchObject({
    ok: true,
    elements: [{ change: { fields: { PrimaryPhone: '+18015550142', LanguageCode: 'en' } }, leftOut: [] }],
  });
  const leftOut = [{ path: 'PrimaryPhone', reason: expect.stringMatching(/^is not a phone number/) }];
  expect(await mapping.map({ phone: 'secret', country: 'USA', locale: 'es' }, now)).toMatchObject({
    ok: true,
    elements: [{ type: 'change', change: { fields: { LanguageCode: 'es' } }, leftOut }],
  });
  expect(await mapping.map({ phone: 'secret', country: 'USA' }, now)).toMatchObject({
    ok: true,
    elements: [{ type: 'unusable', customerId: '7', leftOut }],
  });
});

describe('a mapping that goes on with what a function could not read', () => {
  const reason = expect.stringMatching(/^is not a phone number/);
  test.each([
    ['joins it with more text', '"Tel. " & $phone(phone, "US")', [{ path: 'CompanyName', reason }]],
    ['tests it', '$phone(phone, "US") ? $phone(phone, "US") : "none"', [{ path: 'CompanyName', reason }]],
    ['compares it', '$phone(phone, "US") = "" ? "empty" : "given"', []],
    ['changes its case', '$uppercase($phone(phone, "US"))', [{ path: 'CompanyName', reason }]],
    ['cuts it', '$substring($phone(phone, "US"), 3)', [{ path: 'CompanyName', reason: expect.any(String) }]],
  ])('%s: nothing of it is written', async (_, expression, leftOut) => {
    const mapping = compileMapping(
      'own.jsonata',
      `{ "customer": { "customerId": "7" }, "fields": { "FirstName": "Ada", "CompanyName": ${expression} } }`,
    );
    expect(await mapping.map({ phone: 'secret' }, new Date())).toMatchObject({
      elements: [{ change: { fields: { FirstName: 'Ada' } }, leftOut }],
    });
  });
});
