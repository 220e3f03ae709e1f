import {
  addressProperties,
  addressPropertySchemas,
  type ChangedAddress,
  wronglyEmpty,
  wronglyEmptyParts,
} from '../domain/address.ts';
import { addressPartsOf } from '../domain/address-parts.ts';
import type { LeftOut } from '../domain/left-out.ts';
import type { RegionWhereNone } from './functions/index.ts';
import { isBlank, type Read, readValue } from './read-value.ts';

const lineBreaks = /[\n\r\v\f\u0085\u2028\u2029]+/;

/**
 * The properties of an address that can be used, each for itself, and what cannot, by path below the address. A street of
 * several lines goes on in the second line. Parts that the country's addresses do without are empty where nothing is given
 * for them: otherwise those of the old country or city would stay.
 */
export function readAddress(given: object, whereNone: RegionWhereNone): Read<ChangedAddress> {
  const address: Partial<Record<keyof ChangedAddress, string>> = {};
  const leftOut: LeftOut[] = [];
  const values = Object.entries(inTwoLines(given));
  for (const [name, value] of values) {
    if (value === null || value === undefined) continue;
    const property = addressProperties.find((one) => one === name);
    if (!property) leftOut.push({ path: name, reason: 'is not a known name' });
    // A blank second line alone says nothing; with the first line it is an empty one.
    else if (property === 'Street2' && isBlank(value) && values.length === 1) continue;
    else {
      const read = readValue(addressPropertySchemas[property], isBlank(value) ? '' : value);
      if ('reason' in read) leftOut.push({ path: property, reason: read.reason });
      else address[property] = read.value;
    }
  }
  for (const part of wronglyEmptyParts(address)) {
    leftOut.push({ path: part, reason: wronglyEmpty });
    delete address[part];
  }
  return { value: withPartsOfCountry(address, whereNone), leftOut };
}

function inTwoLines(given: object): object {
  if (!('Street1' in given) || typeof given.Street1 !== 'string') return given;
  const [first, ...more] = given.Street1.split(lineBreaks)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (first === undefined || more.length === 0) return given;
  const second = 'Street2' in given && typeof given.Street2 === 'string' ? given.Street2.trim() : '';
  return { ...given, Street1: first, Street2: [...more, ...(second === '' ? [] : [second])].join(', ') };
}

/** A part of an address says nothing of the others: only an address of street and country is taken for a whole one. */
function withPartsOfCountry(address: ChangedAddress, whereNone: RegionWhereNone): ChangedAddress {
  const { CountryCode, Street1 } = address;
  if (CountryCode === undefined || Street1 === undefined) return address;
  const rules = addressPartsOf(CountryCode);
  const emptyRegion = rules.Region === 'none' && whereNone === 'country' ? CountryCode : '';
  return {
    ...address,
    ...(rules.Region !== 'needed' && { Region: address.Region || emptyRegion }),
    ...(rules.PostalCode !== 'needed' && { PostalCode: address.PostalCode ?? '' }),
    ...(rules.City === 'none' && { City: address.City ?? '' }),
  };
}
