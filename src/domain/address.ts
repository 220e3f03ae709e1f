import * as z from 'zod';
import { addressPartsOf, countrysParts } from './address-parts.ts';
import { countryCode, requiredText, text } from './text.ts';

const properties = z.strictObject({
  Street1: requiredText,
  Street2: text,
  City: text,
  Region: text,
  PostalCode: text,
  CountryCode: countryCode,
});

/**
 * A whole address. DirectScale writes an address all or nothing: all six properties (UpdateCustomerByParameter, "all
 * Address properties must be specified"). `Street2` may be empty, and what addresses of the country do without.
 */
export const addressSchema = properties.check(refuseEmptyParts);

export type Address = z.infer<typeof addressSchema>;

/** The properties of an address, in DirectScale's spelling. */
export const addressProperties = Object.keys(properties.shape) as readonly (keyof Address)[];

/** Each property of an address for itself: what it takes, whatever the others are. */
export const addressPropertySchemas = properties.shape;

/** The properties of an address that changed: at least one. The relay completes it before it is sent. */
export const changedAddressSchema = properties
  .partial()
  .refine((address) => Object.keys(address).length > 0, { error: 'must hold at least one property' })
  .check(refuseEmptyParts);

export type ChangedAddress = z.infer<typeof changedAddressSchema>;

/** The fields that are addresses. */
export const addressFields = ['PrimaryAddress', 'DefaultShippingAddress'] as const;
export type AddressField = (typeof addressFields)[number];

/** The parts that are given as empty, though addresses of the country need them or it is not known which country it is. */
export function wronglyEmptyParts(address: Partial<Record<keyof Address, string | undefined>>) {
  const rules = address.CountryCode ? addressPartsOf(address.CountryCode) : undefined;
  return countrysParts.filter((part) => address[part] === '' && (!rules || rules[part] === 'needed'));
}

/** Why such a part is refused. */
export const wronglyEmpty = 'must not be empty, unless addresses of the country do without it';

function refuseEmptyParts({ value, issues }: z.core.ParsePayload<ChangedAddress>): void {
  for (const part of wronglyEmptyParts(value)) {
    issues.push({ code: 'custom', path: [part], message: wronglyEmpty, input: value });
  }
}
