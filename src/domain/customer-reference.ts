import * as z from 'zod';
import type { ChangedFields } from './changed-fields.ts';
import { customerIdSchema } from './customer-id.ts';
import type { FieldName } from './customer-patch.ts';
import { textUpTo } from './text.ts';

/** What DirectScale can look a customer up by, beside its id. ("Get Customers By Parameter" takes one of them a call.) */
export const lookUpNames = [
  'externalReferenceId',
  'backOfficeId',
  'username',
  'webAlias',
  'emailAddress',
] as const;
export type LookUpName = (typeof lookUpNames)[number];

/** DirectScale does not take a value with a space; a value that was altered could be somebody else's. */
const lookUpValue = z
  .string()
  .trim()
  .min(1)
  .max(320)
  .refine((value) => value.isWellFormed() && !/[\s\p{Cc}\p{Co}]/u.test(value), {
    error: 'must not hold a space: DirectScale cannot look such a value up',
  });

export const lookUpSchema = z.strictObject({ by: z.enum(lookUpNames), value: lookUpValue });

/** One value to look a customer up by. */
export type LookUp = z.infer<typeof lookUpSchema>;

/** The fields that a customer is looked up by. The other references are no fields of UpdateCustomerByParameter. */
const referenceFields = {
  EmailAddress: 'emailAddress',
  Username: 'username',
  WebAlias: 'webAlias',
} as const satisfies Partial<Record<FieldName, LookUpName>>;

/**
 * The references that a change sets. Who has just got such a value is not found by it: it could be that of another
 * customer, who would be overwritten.
 */
export function referencesSetBy(fields: ChangedFields): LookUp[] {
  return Object.entries(referenceFields).flatMap(([field, by]) => {
    const value = fields[field as keyof typeof referenceFields]; // a key of the table itself
    return value ? [{ by, value }] : [];
  });
}

/** The reference that a field is; undefined: customers are not looked up by it. */
export function referenceOf(field: string): LookUpName | undefined {
  return Object.entries(referenceFields).find(([name]) => name === field)?.[1];
}

/** Match rules of DirectScale's look-up are not documented; letter case is taken to make no difference. */
export function isSameReference(one: LookUp, other: LookUp): boolean {
  return one.by === other.by && carried(one.value) === carried(other.value);
}

/** A reference's value as it is compared. */
export const carried = (value: string): string => value.trim().toLowerCase();

/** A customer named by id alone, as a path of a URL does. */
export const addressedReferenceSchema = z.strictObject({ customerId: customerIdSchema });

/** How a change names its customer: by its DirectScale id, or by values to look it up by, the best one first. */
export const customerReferenceSchema = z.union([
  addressedReferenceSchema,
  z.strictObject({ lookUp: z.array(lookUpSchema).max(10) }),
]);
export type CustomerReference = z.infer<typeof customerReferenceSchema>;

/** The id of the record in the system that it comes from: by it a link to the customer is found. */
export const recordIdSchema = textUpTo(255).min(1);

/**
 * Ids and references may be computed as numbers; one past 2^53 has lost digits, stays a number and is refused. Senders
 * store ids with spaces around them.
 */
const digits = (value: unknown): unknown => {
  if (typeof value === 'string') return value.trim();
  return Number.isSafeInteger(value) ? String(value) : value;
};

const unknownName = z.never({
  error: `is no reference: those are customerId, ${lookUpNames.join(', ')}`,
});

/** The same for {@link customerIdSchema} and {@link recordIdSchema}. */
export const writtenCustomerIdSchema = z.preprocess(digits, customerIdSchema);
export const writtenRecordIdSchema = z.preprocess(digits, recordIdSchema);

const writtenValues: Readonly<Record<string, z.ZodType<string>>> = {
  customerId: customerIdSchema,
  ...Object.fromEntries(lookUpNames.map((name) => [name, lookUpValue])),
};

/** What a written reference says, and everything that is wrong with it. */
export interface ReadReference {
  readonly reference: CustomerReference;
  readonly problems: readonly { readonly path: readonly (string | number)[]; readonly message: string }[];
  /** A DirectScale id is given and cannot be read: what stands beside it may be about somebody else. */
  readonly isIdUnreadable: boolean;
}

/**
 * Reads a reference as mappings and callers write it: `{"customerId": …}`, `{"emailAddress": …}`, or an array of such
 * objects, the best one first. Empty and blank values are skipped. A `customerId` decides alone.
 */
export function readReference(input: unknown): ReadReference {
  const isList = Array.isArray(input);
  const objects: unknown[] = isList ? input : [input];
  const lookUp: LookUp[] = [];
  const problems: ReadReference['problems'][number][] = [];
  let customerId: string | undefined;
  let isIdUnreadable = false;
  for (const [index, object] of objects.entries()) {
    const at = (name?: string) => [...(isList ? [index] : []), ...(name === undefined ? [] : [name])];
    if (typeof object !== 'object' || object === null) {
      problems.push({ path: at(), message: 'must be an object: {"customerId": …}' });
      continue;
    }
    for (const [name, given] of Object.entries(object)) {
      const value = digits(given);
      if (value === '' || value === null || value === undefined) continue;
      const schema = Object.hasOwn(writtenValues, name) ? writtenValues[name] : unknownName;
      const parsed = (schema ?? unknownName).safeParse(value);
      if (!parsed.success) {
        problems.push({ path: at(name), message: parsed.error.issues[0]?.message ?? 'is invalid' });
        isIdUnreadable ||= name === 'customerId';
      } else if (name === 'customerId') customerId ??= parsed.data;
      // Every other name that has a schema is one of these.
      else lookUp.push({ by: name as LookUpName, value: parsed.data });
    }
  }
  isIdUnreadable &&= customerId === undefined;
  return { reference: customerId === undefined ? { lookUp } : { customerId }, problems, isIdUnreadable };
}
