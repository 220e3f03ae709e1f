import { country } from './country.ts';
import { date } from './date.ts';
import { language } from './language.ts';
import { phone } from './phone.ts';
import { type RegionWhereNone, region } from './region.ts';

export type { RegionWhereNone } from './region.ts';

/** The functions that a mapping can call, by name without the `$`. They never throw. */
export function mappingFunctions(regionWhereNone: RegionWhereNone) {
  return {
    country,
    date,
    language,
    phone,
    region: (text: unknown, countryText: unknown, name?: unknown, vendor?: unknown) =>
      region(regionWhereNone, text, countryText, name, vendor),
  } as const;
}
