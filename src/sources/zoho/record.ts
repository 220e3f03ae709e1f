import * as z from 'zod';
import type { VendorAnswer } from '../shared/call-vendor.ts';
import { customerIdIn } from '../shared/record-change.ts';
import type { Options } from './options.ts';

const recordSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  Modified_Time: z.unknown(),
});
export type ZohoRecord = z.infer<typeof recordSchema>;

const answerSchema = z.looseObject({ data: z.array(recordSchema) });

/** What mappings of Zoho sources get: a record as it is now. */
export interface ZohoRecordChange {
  /** The value of the field that holds the DirectScale id. */
  readonly customerId?: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly isNew?: true;
  /** The names of the fields that Zoho says were changed; absent: it did not tell. */
  readonly changed?: readonly string[];
}

const standardFields = [
  'First_Name',
  'Last_Name',
  'Email',
  'Account_Name',
  'Phone',
  'Mobile',
  'Date_of_Birth',
];
const addressFields = ['Street', 'City', 'State', 'Zip', 'Country'].map((part) => `Mailing_${part}`);

/** Whether the shipped mapping sends a field: one that is missing must not be taken for emptied. */
export function isMapped(name: string, { idField }: Options): boolean {
  return name === idField || /^DirectScale_|^Mailing_/.test(name) || standardFields.includes(name);
}

/** The fields that are read of records that changed. Zoho wants them named, 50 at the most. */
export function fieldsRead({ idField, fields }: Options): string[] {
  const always = ['Modified_Time', 'Modified_By', idField, ...standardFields, ...addressFields];
  return [...new Set([...always, ...fields])];
}

/** The records of an answer; undefined: it holds none, or is not from Zoho. */
export function recordsIn({ status, payload }: VendorAnswer): ZohoRecord[] | undefined {
  return status === 200 ? answerSchema.safeParse(payload).data?.data : undefined;
}

/** A record of which nobody says what changed. */
export function changeOf(record: ZohoRecord, { idField }: Options): ZohoRecordChange {
  const held = record[idField];
  const known = typeof held === 'string' || typeof held === 'number' ? held : undefined;
  return { ...customerIdIn(known), record };
}
