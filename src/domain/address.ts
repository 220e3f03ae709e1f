import * as z from 'zod';
import { countryCode, requiredText, text } from './text.ts';

/**
 * A whole address. DirectScale writes an address all or nothing: all six properties, of which only
 * `Street2` may be empty (UpdateCustomerByParameter, "all Address properties must be specified").
 */
export const addressSchema = z.strictObject({
  Street1: requiredText,
  Street2: text,
  City: requiredText,
  Region: requiredText,
  PostalCode: requiredText,
  CountryCode: countryCode,
});

export type Address = z.infer<typeof addressSchema>;

/** The properties of an address, in DirectScale's spelling. */
export const addressProperties = Object.keys(addressSchema.shape) as readonly (keyof Address)[];

/** The properties of an address that changed: at least one. The relay completes it before it is sent. */
export const changedAddressSchema = addressSchema
  .partial()
  .refine((address) => Object.keys(address).length > 0, { error: 'must hold at least one property' });

export type ChangedAddress = z.infer<typeof changedAddressSchema>;

/** The fields that are addresses. */
export const addressFields = ['PrimaryAddress', 'DefaultShippingAddress'] as const;
export type AddressField = (typeof addressFields)[number];
