import { CannotNormalize, comparable, textOf } from './cannot-normalize.ts';
import { country } from './country.ts';

let subdivisions: Promise<ReadonlyMap<string, string>> | undefined;

/**
 * `$region(text, country)`: the code of a state or province (`UT`), given by its code (`UT`, `US-UT`) or its name in
 * ISO 3166-2. Absent stays absent, "" stays "". Throws {@link CannotNormalize}.
 */
export async function region(value: unknown, countryText: unknown): Promise<string | undefined> {
  const text = textOf('region', value);
  if (!text) return text;
  const countryCode = await country(countryText);
  if (!countryCode) throw new CannotNormalize('$region: needs the country to tell a state or province');
  subdivisions ??= loadSubdivisions();
  const known = await subdivisions;
  const key = (name: string) => `${countryCode} ${comparable(name)}`;
  const code = known.get(key(text)) ?? known.get(key(text.replace(new RegExp(`^${countryCode}-`, 'i'), '')));
  if (!code) throw new CannotNormalize(`$region: not a state or province of ${countryCode} in ISO 3166-2`);
  return code;
}

/** Codes by country and code or name. */
async function loadSubdivisions(): Promise<ReadonlyMap<string, string>> {
  const { iso31662 } = await import('iso-3166');
  const byName = iso31662.flatMap(({ code, name }): [string, string][] => {
    const [countryCode = '', own = ''] = code.split('-');
    return [[`${countryCode} ${comparable(name)}`, own]];
  });
  const byCode = iso31662.map(({ code }): [string, string] => {
    const [countryCode = '', own = ''] = code.split('-');
    return [`${countryCode} ${comparable(own)}`, own];
  });
  // A code wins over a name that reads like one.
  return new Map([...byName, ...byCode]);
}
