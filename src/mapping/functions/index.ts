import { unusable } from '../unusable.ts';
import { country } from './country.ts';
import { date } from './date.ts';
import { entities } from './entities.ts';
import { language } from './language.ts';
import { phone } from './phone.ts';
import { type RegionWhereNone, region } from './region.ts';

export type { RegionWhereNone } from './region.ts';

/** The functions that a mapping can call, by name without the `$`. They never throw. */
export function mappingFunctions(regionWhereNone: RegionWhereNone) {
  return {
    country,
    date,
    entities,
    language,
    phone,
    /** `$unusable(reason)`: a value that is left out and reported, with the mapping's own reason, which must not hold the value. */
    unusable: (reason: unknown) => unusable(plainReason(reason)),
    region: (text: unknown, countryText: unknown, name?: unknown, vendor?: unknown) =>
      region(regionWhereNone, text, countryText, name, vendor),
  } as const;
}

const plainReason = (reason: unknown): string =>
  typeof reason === 'string'
    ? reason.replace(/[^ -~]/g, '?').slice(0, 200) || 'cannot be used'
    : 'cannot be used';
