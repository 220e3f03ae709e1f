import parts from './address-parts.json' with { type: 'json' };

/** The parts of an address that not every country has. */
export const countrysParts = ['City', 'Region', 'PostalCode'] as const;
export type CountrysPart = (typeof countrysParts)[number];

/** Whether addresses of a country need a part, may have it, or have none. */
export type PartRule = 'needed' | 'optional' | 'none';

/**
 * What an address needs in a country, by alpha-2 code (Google's address metadata, written by scripts/places.ts). Of a
 * country that is not known nothing but a city is needed.
 */
export function addressPartsOf(countryCode: string): Readonly<Record<CountrysPart, PartRule>> {
  return {
    City: ruleFor('City', countryCode, 'needed'),
    Region: ruleFor('Region', countryCode, 'optional'),
    PostalCode: ruleFor('PostalCode', countryCode, 'optional'),
  };
}

function ruleFor(part: CountrysPart, countryCode: string, otherwise: PartRule): PartRule {
  const { needed, optional } = parts[part];
  if (needed.includes(countryCode)) return 'needed';
  if (optional.includes(countryCode)) return 'optional';
  return isKnown(countryCode) ? 'none' : otherwise;
}

function isKnown(countryCode: string): boolean {
  return parts.known.includes(countryCode);
}
