import { regionCodeOf } from '../places/region-code.ts';
import type { Vendor } from '../places/vendor-region-codes.ts';
import { unusable } from '../unusable.ts';
import { helpingCountry } from './country.ts';
import { givenText, helpingText } from './given-text.ts';

/** What is sent as region where it cannot be named, or a country has none. Settings: REGION_WHERE_NONE. */
export type RegionWhereNone = 'empty' | 'as-given' | 'country';

const vendors: readonly Vendor[] = ['woocommerce', 'shopify', 'salesforce'];

/**
 * `$region(text, country, name, vendor)`: the code of a state or province (`UT`), given by its code (`UT`, `US-UT`) or its
 * name. `name`: what stands beside the code; it decides where the code is not one of ISO 3166-2. `vendor`
 * (`"woocommerce"`, `"shopify"`, `"salesforce"`): whose codes they may be. Absent and blank stay absent, "" stays "";
 * otherwise an unusable text that carries the reason, or with `as-given` the text as it stands.
 */
export async function region(
  whereNone: RegionWhereNone,
  value: unknown,
  countryText: unknown,
  name?: unknown,
  vendor?: unknown,
): Promise<string | undefined> {
  const given = givenText(value);
  const beside = helpingText(name);
  const text = 'text' in given ? given.text : undefined;
  if ('answer' in given && beside === undefined) return given.answer;
  const countryCode = await helpingCountry(countryText);
  if (!countryCode) return unusable('needs the country to tell a state or province');
  const known = vendors.find((one) => one === vendor);
  const code = await regionCodeOf(countryCode, { text, name: beside, vendor: known });
  if (code !== undefined) return code;
  if (whereNone === 'as-given') return text ?? beside;
  return unusable('is not a state or province of the country, by code or by name');
}
