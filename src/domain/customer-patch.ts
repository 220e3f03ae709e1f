import isEmail from 'validator/lib/isEmail.js';
import * as z from 'zod';
import { addressSchema } from './address.ts';
import { languageCode, requiredText, text } from './text.ts';

/**
 * A birth date leaves as `YYYY-MM-DDT00:00:00`, without a zone: the day as it was written, never shifted.
 * Accepts `YYYY-MM-DD` or an ISO 8601 date-time with or without an offset.
 */
const birthDate = z
  .union([z.iso.date(), z.iso.datetime({ offset: true, local: true })], {
    error: 'must be a date: YYYY-MM-DD or an ISO 8601 date-time',
  })
  .transform((value) => `${value.slice(0, 10)}T00:00:00`);

/** RFC 5321's local parts and internationalized domains. Whether DirectScale takes others than ASCII is not documented. */
const emailAddress = z
  .string()
  .trim()
  .max(320)
  // Half a surrogate makes isEmail throw.
  .refine((value) => value === '' || (value.isWellFormed() && isEmail(value)), {
    error: 'must be an e-mail address, or "" to clear it',
  });

// The admin screens show a masked tax id; writing the mask back would destroy the real one.
const taxId = text.refine((value) => !value.includes('*'), { error: 'is a mask, not a tax id' });

/** The name of one of DirectScale's custom fields. */
export const customFieldName = z
  .string()
  .regex(/^Field[1-9]\d{0,2}$/, { error: 'must be named Field1, Field2, …' });

const customFields = z
  .record(customFieldName, text)
  .refine((fields) => Object.keys(fields).length > 0, { error: 'must name at least one field' });

/** Every field of UpdateCustomerByParameter, all of them required. */
export const customerFields = z.strictObject({
  WebAlias: requiredText,
  Username: requiredText,
  CustomerType: z.int().positive(),
  CustomerStatus: z.int().positive(),
  BirthDate: birthDate,
  CompanyName: text,
  EmailAddress: emailAddress,
  PrimaryAddress: addressSchema,
  DefaultShippingAddress: addressSchema,
  FirstName: text,
  LanguageCode: languageCode,
  LastName: text,
  PrimaryPhone: text,
  SecondaryPhone: text,
  TaxId: taxId,
  TextPhone: text,
  AssociateCustom: customFields,
});

/** The name of a field of UpdateCustomerByParameter. */
export type FieldName = keyof z.infer<typeof customerFields>;

/** Every field that UpdateCustomerByParameter takes, in DirectScale's spelling. */
export const fieldNames = Object.keys(customerFields.shape) as readonly FieldName[];

/** Fields whose change can delete logins, move placements or break links: a vendor source sends them only if allowed. */
export const dangerousFields: readonly FieldName[] = [
  'CustomerStatus',
  'CustomerType',
  'Username',
  'WebAlias',
];

/**
 * The body of one UpdateCustomerByParameter call: only supported fields, at least one of them.
 * A failed parse lists every problem by path. https://apigateway.directscale.com (operation 593adc28b3ac880fe0fceb4c)
 */
export const customerPatchSchema = customerFields
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, { error: 'must change at least one field' });

export type CustomerPatch = z.infer<typeof customerPatchSchema>;
