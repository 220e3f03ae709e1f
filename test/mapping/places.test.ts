import { readdir, readFile } from 'node:fs/promises';
import { iso31662 } from 'iso-3166';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { placesFiles } from '../../scripts/places.ts';
import { mappingFunctions } from '../../src/mapping/functions/index.ts';
import { language } from '../../src/mapping/functions/language.ts';
import { countryCodeOf } from '../../src/mapping/places/country-code.ts';
import { type GivenRegion, regionCodeOf } from '../../src/mapping/places/region-code.ts';
import { vendorRegionCodes } from '../../src/mapping/places/vendor-region-codes.ts';
import { unusableReason } from '../../src/mapping/unusable.ts';

const rows = z.array(z.array(z.string().nullable()));

async function list(file: string): Promise<string[][]> {
  const content = rows.parse(JSON.parse(await readFile(`test/mapping/lists/${file}.json`, 'utf8')));
  return content.map((row) => row.map((cell) => cell ?? ''));
}

/** How many are right, and which are wrong; the rest has no answer. "" is expected to have none. */
async function count(
  list: readonly string[][],
  call: (row: string[]) => Promise<string | undefined>,
  expected = -1,
): Promise<{ right: number; wrong: string[]; none: number }> {
  const counts = { right: 0, wrong: [] as string[], none: 0 };
  for (const row of list) {
    const code = (await call(row)) ?? '';
    if (code === row.at(expected)) counts.right += 1;
    else if (code === '') counts.none += 1;
    else counts.wrong.push(`${row.join(' ')}: ${code}`);
  }
  return counts;
}

const byCountryName = ([name = '']: string[]) => countryCodeOf(name);
const region =
  (given: (code: string, name: string) => GivenRegion) =>
  ([country = '', code = '', name = '']: string[]) =>
    regionCodeOf(country, given(code, name));

describe('countries', () => {
  test.each([
    ['country-aliases', { right: 266, wrong: [], none: 0 }],
    ['country-names-own-language', { right: 319, wrong: [], none: 8 }],
    ['salesforce-countries', { right: 239, wrong: [], none: 1 }],
    ['shopify-countries', { right: 240, wrong: [], none: 4 }],
  ])('%s', async (file, counts) => {
    expect(await count(await list(file), byCountryName)).toEqual(counts);
  });
});

describe('regions', () => {
  test('by English and native name: five times another level than the list, or the list is wrong', async () => {
    const known = new Set(iso31662.map(({ code }) => code));
    const names = (await list('region-names')).filter(([country, , code]) => known.has(`${country}-${code}`));
    expect(await count(names, ([country = '', text]) => regionCodeOf(country, { text }))).toEqual({
      right: 1515,
      wrong: [
        'ES Asturias AS: O',
        'ES Cantabria CB: S',
        'ES Navarra NC: NA',
        'ES Cantabria CB: S',
        'MX México CMX: MEX',
      ],
      none: 149,
    });
  });

  test('as people write them', async () => {
    const given = await list('region-aliases');
    expect(await count(given, ([country = '', text]) => regionCodeOf(country, { text }))).toEqual({
      right: 104,
      wrong: [],
      none: 1,
    });
  });

  test.each([
    ['shopify' as const, { right: 1113, wrong: [], none: 0 }, { right: 1112, wrong: [], none: 1 }],
    ['salesforce' as const, { right: 340, wrong: [], none: 0 }, { right: 337, wrong: [], none: 3 }],
  ])(
    "%s's by code, and by code and name where nobody says whose codes they are",
    async (vendor, byCode, byBoth) => {
      const given = await list(`${vendor}-regions`);
      expect(
        await count(
          given,
          region((text) => ({ text, vendor })),
        ),
      ).toEqual(byCode);
      expect(
        await count(
          given,
          region((text, name) => ({ text, name, vendor })),
        ),
      ).toEqual(byCode);
      expect(
        await count(
          given,
          region((text, name) => ({ text, name })),
        ),
      ).toEqual(byBoth);
    },
  );

  test('those of WooCommerce by code; LA VT is Vientiane itself, which the list mistakes', async () => {
    const given = await list('woocommerce-region-codes');
    expect(
      await count(
        given,
        region((text) => ({ text, vendor: 'woocommerce' })),
      ),
    ).toEqual({
      right: 1860,
      wrong: ['LA VT VI: VT'],
      none: 0,
    });
  });

  test("what a vendor's code stands for is a code of ISO 3166-2", () => {
    const known = new Set(iso31662.map(({ code }) => code));
    const targets = Object.values(vendorRegionCodes).flatMap((countries) =>
      Object.entries(countries).flatMap(([country, codes]) =>
        Object.values(codes).flatMap((code) => (code === '' ? [] : [`${country}-${code}`])),
      ),
    );
    expect(targets.filter((code) => !known.has(code))).toEqual([]);
  });
});

test('languages', async () => {
  const named = async ([name = '']: string[]) => {
    const code = await language(name);
    return code === undefined || unusableReason(code) !== undefined ? undefined : code;
  };
  expect(await count(await list('languages'), named)).toEqual({ right: 49, wrong: [], none: 0 });
});

test('no text of any list keeps out a change: what a function cannot read is left out', async () => {
  const files = (await readdir('test/mapping/lists')).filter((file) => file.endsWith('.json'));
  const texts = (await Promise.all(files.map((file) => list(file.replace('.json', ''))))).flat();
  const { country, region: named } = mappingFunctions('empty');
  for (const [first = '', second = '', third = ''] of texts) {
    const answers = [country(first), language(first), named(second, first, third), named(first, 'US')];
    // A text is a code, or says why there is none; both go on to the field.
    for (const answer of await Promise.all(answers)) expect(typeof (answer ?? '')).toBe('string');
  }
});

test('the files of places are what the packages say: npm run places', async () => {
  for (const [file, text] of await placesFiles()) expect(await readFile(file, 'utf8')).toBe(text);
});
