import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CannotNormalize } from '../../../src/mapping/functions/cannot-normalize.ts';
import { mappingFunctions } from '../../../src/mapping/functions/index.ts';
import { compileMapping } from '../../../src/mapping/mapping.ts';

const { country, date, language, phone, region } = mappingFunctions;
/** The function's result, or `cannot` when it refuses. */
async function result(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CannotNormalize) return 'cannot';
    throw error;
  }
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
    ['Ontario', 'US', 'cannot'],
    ['UT', undefined, 'cannot'],
  ])('%j of %j is %j', async (given, of, expected) => {
    expect(await result(() => region(given, of))).toBe(expected);
  });
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
    ['801 555 0142 ext. 7', 'US', undefined, 'cannot'],
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
    ['05/01/1990', 'cannot'],
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
  ])('%j is %j', async (given, expected) => {
    expect(await result(() => language(given))).toBe(expected);
  });
});

test('whatever is given: a value, nothing, or a refusal that does not repeat it', async () => {
  for (const [name, call] of Object.entries(mappingFunctions)) {
    await fc.assert(
      fc.asyncProperty(
        fc.anything(),
        fc.oneof(fc.constantFrom('US', 'DE', undefined), fc.anything()),
        async (given, of) => {
          try {
            const value = await (call as (value: unknown, of: unknown) => unknown)(given, of);
            expect(['string', 'undefined']).toContain(typeof value);
          } catch (error) {
            expect(error).toBeInstanceOf(CannotNormalize);
            expect((error as Error).message).toMatch(new RegExp(`^\\$(${name}|country): `));
          }
        },
      ),
    );
  }
});

test('a mapping calls them; what cannot be normalized is a violation that says why', async () => {
  const mapping = compileMapping(
    'own.jsonata',
    `{ "customer": { "customerId": "7" }, "fields": { "PrimaryPhone": $phone(phone, country), "LanguageCode": $language(locale) } }`,
  );
  const now = new Date();
  expect(await mapping.map({ phone: '801 555 0142', country: 'USA', locale: 'en-US' }, now)).toMatchObject({
    ok: true,
    changes: [{ fields: { PrimaryPhone: '+18015550142', LanguageCode: 'en' } }],
  });
  expect(await mapping.map({ locale: 'es' }, now)).toMatchObject({
    ok: true,
    changes: [{ fields: { LanguageCode: 'es' } }],
  });
  expect(await mapping.map({ phone: 'secret', country: 'USA' }, now)).toEqual({
    ok: false,
    violations: [{ path: '', message: expect.stringMatching(/^\$phone: not a phone number/) }],
  });
});
