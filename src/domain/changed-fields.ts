import type * as z from 'zod';
import { changedAddressSchema } from './address.ts';
import { customerFields } from './customer-patch.ts';

/**
 * The fields that a change sets: those of a patch, at least one of them, but of an address only the properties that
 * changed. A failed parse lists every problem by path.
 */
export const changedFieldsSchema = customerFields
  .extend({ PrimaryAddress: changedAddressSchema, DefaultShippingAddress: changedAddressSchema })
  .partial()
  .refine((fields) => Object.keys(fields).length > 0, { error: 'must change at least one field' });

export type ChangedFields = z.infer<typeof changedFieldsSchema>;
