import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { customerIdIn } from '../shared/record-change.ts';

/** Names under which mappings get custom fields, and the key that each has in this Pipedrive account. */
export type CustomFields = Readonly<Record<string, string>>;

/** A person and what changed: what mappings of Pipedrive sources get. */
export interface PersonChange {
  readonly recordId: string;
  /** The value of the custom field that holds the DirectScale id. */
  readonly customerId?: string;
  /** ISO 8601, or epoch seconds. */
  readonly occurredAt?: string | number;
  /** Pipedrive's id of the user who made the change. */
  readonly changedBy?: string;
  /** The person's fields as Pipedrive sent them, and the custom fields of the options by their names: text, number or address. */
  readonly person: Readonly<Record<string, unknown>>;
  /** The values that fields had before, by the same names. */
  readonly previous: Readonly<Record<string, unknown>>;
  /** The names of the fields that changed. */
  readonly changed: readonly string[];
  /** Pipedrive did not say what changed: `changed` names all that the person holds. */
  readonly snapshot?: true;
}

/** An object of Pipedrive: a person, or the part of a person that changed. */
const objectSchema = z.looseObject({ custom_fields: z.record(z.string(), z.unknown()).nullish() });
type PipedriveObject = z.infer<typeof objectSchema>;

/** Those that the shipped mapping knows. */
const standardFields = ['first_name', 'last_name', 'emails', 'phones', 'postal_address', 'birthday'];

/**
 * The person of an event and what changed; a text says why that cannot be told.
 * `idField`: the key of the custom field with the DirectScale id.
 */
export function readPerson(
  data: unknown,
  before: unknown,
  idField: string | undefined,
  customFields: CustomFields,
): Pick<PersonChange, 'customerId' | 'person' | 'previous' | 'changed' | 'snapshot'> | string {
  const now = objectSchema.safeParse(data).data;
  if (!now) return 'came without its data';
  const held = idField === undefined ? undefined : plainValue(now.custom_fields?.[idField]);
  const id = customerIdIn(held ?? undefined);
  const current = withNames(now, customFields);
  const person = plain(current, customFields);
  const earlier = objectSchema.safeParse(before).data;
  if (!earlier) {
    const changed = Object.keys(person).filter((name) => !isEmpty(person[name]));
    return { ...id, person, previous: {}, changed, snapshot: true };
  }

  const previous = withNames(earlier, customFields);
  const changed = Object.keys(previous).filter(
    (name) => !isDeepStrictEqual(previous[name] ?? null, current[name] ?? null),
  );
  const known = [...standardFields, ...Object.keys(customFields)];
  const untold = changed.filter((name) => known.includes(name) && person[name] === undefined);
  if (untold.length > 0) return `has another ${untold.join(', ')}, but Pipedrive did not tell which`;
  return { ...id, person, previous: plain(previous, customFields), changed };
}

/** The fields with the custom ones of the options by their names. */
function withNames(
  { custom_fields, ...standard }: PipedriveObject,
  customFields: CustomFields,
): Record<string, unknown> {
  const named = Object.entries(customFields).map(([name, key]): [string, unknown] => {
    const isOwn = custom_fields && Object.hasOwn(custom_fields, key);
    return [name, isOwn ? custom_fields[key] : standard[key]];
  });
  return { ...standard, ...Object.fromEntries(named.filter(([, field]) => field !== undefined)) };
}

/** Fields as mappings take them; undefined for one that cannot be read, such as the number of an option. */
function plain(
  fields: Readonly<Record<string, unknown>>,
  customFields: CustomFields,
): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, field]): [string, unknown] => {
    if (name.endsWith('_address')) return [name, addressSchema.safeParse(field).data];
    return [name, Object.hasOwn(customFields, name) ? plainValue(field) : field];
  });
  return Object.fromEntries(entries);
}

const addressSchema = z.looseObject({}).nullable();

const plainSchema = z.union([z.string(), z.number(), z.null()]);
const customSchema = z.union([plainSchema, z.object({ value: plainSchema }).transform(({ value }) => value)]);

/** The text or number that a custom field holds. */
function plainValue(field: unknown): string | number | null | undefined {
  return customSchema.safeParse(field).data;
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || isDeepStrictEqual(value, []);
