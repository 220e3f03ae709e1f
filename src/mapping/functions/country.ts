import { countryCodeOf } from '../places/country-code.ts';
import { unusable } from '../unusable.ts';
import { givenText, helpingText } from './given-text.ts';

/**
 * `$country(text, name)`: the ISO 3166-1 alpha-2 code of a country that is given by its code (alpha-2 or alpha-3) or its name
 * in English, in a language of its own or in one of the main languages. `name`: what stands beside the code, for when that
 * is absent or none. Absent and blank stay absent, "" stays ""; otherwise an unusable text that carries the reason.
 */
export async function country(value: unknown, name?: unknown): Promise<string | undefined> {
  const given = givenText(value);
  const code = 'text' in given ? await countryCodeOf(given.text) : undefined;
  if (code !== undefined) return code;
  const beside = helpingText(name);
  const named = beside === undefined ? undefined : await countryCodeOf(beside);
  if (named !== undefined) return named;
  return 'answer' in given ? given.answer : unusable('is not a country, by code or by name');
}

/** The code of a country that helps to read another text; absent if it is not known. */
export async function helpingCountry(value: unknown): Promise<string | undefined> {
  const text = helpingText(value);
  return text === undefined ? undefined : countryCodeOf(text);
}
