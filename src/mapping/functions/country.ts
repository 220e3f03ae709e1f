import { CannotNormalize, comparable, textOf } from './cannot-normalize.ts';

/** Written for it everywhere; ISO 3166-1 merely reserves the one, and Unicode's English renamed the other. */
const others: readonly (readonly [string, string])[] = [
  ['UK', 'GB'],
  ['Turkey', 'TR'],
];

let codesByName: Promise<ReadonlyMap<string, string>> | undefined;

/**
 * `$country(text)`: the ISO 3166-1 alpha-2 code of a country that is given by its alpha-2 or alpha-3 code or its
 * English name. Absent stays absent, "" stays "". Throws {@link CannotNormalize}.
 */
export async function country(value: unknown): Promise<string | undefined> {
  const text = textOf('country', value);
  if (!text) return text;
  codesByName ??= loadCodes();
  const code = (await codesByName).get(comparable(text));
  if (!code) throw new CannotNormalize('$country: not a country of ISO 3166-1, by code or English name');
  return code;
}

async function loadCodes(): Promise<ReadonlyMap<string, string>> {
  const { iso31661 } = await import('iso-3166');
  const usual = new Intl.DisplayNames('en', { type: 'region' });
  const assigned = iso31661.filter(({ state }) => state === 'assigned');
  const names = assigned.flatMap(({ alpha2, alpha3, name }) =>
    [alpha2, alpha3, name, usual.of(alpha2) ?? name].map((key): [string, string] => [key, alpha2]),
  );
  return new Map([...names, ...others].map(([name, code]) => [comparable(name), code]));
}
