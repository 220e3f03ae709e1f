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
