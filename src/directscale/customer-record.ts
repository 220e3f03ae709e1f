import * as z from 'zod';
import { type AddressField, addressProperties } from '../domain/address.ts';
import type { FieldValue } from '../domain/field-paths.ts';

/** Every member may be missing or null; a number where a text is expected is taken as its digits. */
const text = z.union([z.string(), z.number().transform(String)]).nullish();

const address = z
  .looseObject({
    Street1: text,
    Street2: text,
    City: text,
    Region: text,
    PostalCode: text,
    CountryCode: text,
  })
  .nullish();

const recordSchema = z.looseObject({
  CustomerId: z.union([z.string(), z.number().transform(String)]),
  BackOfficeId: text,
  ExternalReferenceId: text,
  Username: text,
  WebAlias: text,
  EmailAddress: text,
  FirstName: text,
  LastName: text,
  CompanyName: text,
  BirthDate: text,
  LanguageCode: text,
  PrimaryPhone: text,
  SecondaryPhone: text,
  TextPhone: text,
  TaxId: text,
  PrimaryAddress: address,
  DefaultShippingAddress: address,
});

/** A customer as DirectScale reads it out ("Customer object"), as far as the relay uses it. */
export type CustomerRecord = z.infer<typeof recordSchema>;

/** The customer in a body; undefined: it is none that we can read. */
export function readCustomerRecord(body: unknown): CustomerRecord | undefined {
  return recordSchema.safeParse(body).data;
}

/** Every customer in a body: an array of them; undefined: it is none that we can read. */
export function readCustomerRecords(body: unknown): CustomerRecord[] | undefined {
  return z.array(recordSchema).safeParse(body).data;
}

const plainFields = [
  'EmailAddress',
  'FirstName',
  'LastName',
  'CompanyName',
  'BirthDate',
  'LanguageCode',
  'PrimaryPhone',
  'SecondaryPhone',
  'TextPhone',
  'TaxId',
] as const satisfies readonly (keyof CustomerRecord)[];

/**
 * What DirectScale holds, by the paths of a change's fields; "" for what is empty. A path that is not there is not
 * known. The dangerous fields are left out: what is read need not be what is written (base type, further aliases).
 */
export function heldValues(record: CustomerRecord): Map<string, FieldValue> {
  const values = new Map<string, FieldValue>();
  const add = (path: string, value: string | null | undefined) => {
    if (value !== undefined) values.set(path, value ?? '');
  };
  for (const field of plainFields) add(field, record[field]);
  const addAddress = (field: AddressField) => {
    for (const property of addressProperties) add(`${field}.${property}`, record[field]?.[property]);
  };
  addAddress('PrimaryAddress');
  addAddress('DefaultShippingAddress');
  return values;
}
