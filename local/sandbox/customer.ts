import * as z from 'zod';

/** An address as DirectScale reads it out. */
const addressSchema = z.strictObject({
  AddressId: z.int(),
  Street1: z.string(),
  Street2: z.string(),
  Street3: z.string(),
  City: z.string(),
  Region: z.string(),
  PostalCode: z.string(),
  CountryCode: z.string(),
});

/** A customer as `GET /v1/customers/{customerId}` answers it (operation "Get Customers By Parameter"). */
export const customerSchema = z.strictObject({
  CustomerId: z.int().positive(),
  BackOfficeId: z.string(),
  BirthDate: z.string(),
  CompanyName: z.string(),
  CustomerStatus: z.int(),
  CustomerType: z.int(),
  DefaultShippingAddress: addressSchema,
  EmailAddress: z.string(),
  EnrollerId: z.int(),
  ExternalReferenceId: z.string(),
  FirstName: z.string(),
  InactiveDate: z.string(),
  LanguageCode: z.string(),
  LastName: z.string(),
  PrimaryAddress: addressSchema,
  PrimaryPhone: z.string(),
  SecondaryPhone: z.string(),
  SendEmails: z.boolean(),
  SignupDate: z.string(),
  SponsorId: z.int(),
  TaxExemptId: z.string(),
  TaxId: z.string(),
  TermsAccepted: z.boolean(),
  TextPhone: z.string(),
  Username: z.string(),
  WebAlias: z.string(),
});

export type Customer = z.infer<typeof customerSchema>;
export type CustomerAddress = Customer['PrimaryAddress'];

/** `Field1`, `Field2`, … of one customer. */
export const customFieldsSchema = z.record(z.string().regex(/^Field\d+$/), z.string());

export type CustomFields = z.infer<typeof customFieldsSchema>;

/** Customers that somebody adds: an id and what is to differ from a made-up person, custom fields included. */
export const newCustomersSchema = z
  .array(
    customerSchema
      .extend({
        PrimaryAddress: addressSchema.partial(),
        DefaultShippingAddress: addressSchema.partial(),
        AssociateCustom: customFieldsSchema,
      })
      .partial()
      .required({ CustomerId: true }),
  )
  .min(1);

export type NewCustomer = z.infer<typeof newCustomersSchema>[number];
