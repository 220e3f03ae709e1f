import * as z from 'zod';
import type { ChangedFields } from '../domain/changed-fields.ts';
import {
  type CustomerReference,
  readReference,
  writtenRecordIdSchema,
} from '../domain/customer-reference.ts';
import type { LeftOut } from '../domain/left-out.ts';
import type { Violation } from '../domain/violation.ts';
import type { RegionWhereNone } from './functions/index.ts';
import type { MappedChange, MappedElement } from './mapped-element.ts';
import { reasonAgainst, timeSchema } from './occurred-at.ts';
import { readFields } from './read-fields.ts';
import { isBlank, type Read, readValue } from './read-value.ts';

/** One element of a mapping's output, read: what can be used of it, and what is wrong with it. */
export interface Reading {
  readonly change: Partial<MappedChange>;
  /** Who or when cannot be read. */
  readonly violations: readonly Violation[];
  /** What stands beside the fields and can be done without. */
  readonly besideLeftOut: readonly LeftOut[];
  readonly fieldsLeftOut: readonly LeftOut[];
  /** No field is given at all. */
  readonly isWithoutFields: boolean;
}

interface ReadOptions {
  readonly readAt: Date;
  /** Stands in for an absent `occurredAt`; undefined: then the change has none. */
  readonly timeIfAbsent: Date | undefined;
  readonly regionWhereNone: RegionWhereNone;
}

/** Reads one element, without nulls. Never throws. */
export function readElement(item: unknown, options: ReadOptions): Reading {
  const given = isObject(item) ? item : { fields: {} };
  const fields = readFieldsOf(given.fields, options.regionWhereNone);
  const who = readWho(given.customer, given.recordId);
  const when = readWhen(given.occurredAt, options.readAt);
  const occurredAt = (when.value ?? options.timeIfAbsent)?.toISOString();
  const by = readOptional(changedBySchema, given.changedBy);
  const unknown = Object.keys(given).filter((name) => !elementMembers.has(name));
  const isWithoutFields = Object.keys(fields.value).length === 0 && fields.leftOut.length === 0;
  return {
    change: {
      customer: who.reference,
      ...(who.recordId !== undefined && { recordId: who.recordId }),
      ...(by.value !== undefined && { changedBy: by.value }),
      ...(given.snapshot === true && { isSnapshot: true }),
      ...(occurredAt !== undefined && { occurredAt }),
      fields: fields.value,
    },
    violations: [
      ...(isObject(item) ? [] : [notAnElement]),
      ...who.violations,
      ...asViolations(when.leftOut, 'occurredAt'),
      ...(who.isNobody && isObject(item) ? [isWithoutFields ? nothingFound : nameless] : []),
    ],
    besideLeftOut: [
      ...who.leftOut,
      ...by.leftOut.map(({ reason }) => ({ path: 'changedBy', reason })),
      ...unknown.map((path) => ({ path, reason: 'is not a known name' })),
    ],
    fieldsLeftOut: fields.leftOut,
    isWithoutFields,
  };
}

/** What follows from an element. Absent: it says that nothing changed. */
export function elementOf(reading: Reading): MappedElement | undefined {
  const { change, violations, besideLeftOut, fieldsLeftOut } = reading;
  if (saysNothing(reading)) return undefined;
  const isEmpty = Object.keys(change.fields ?? {}).length === 0;
  const leftOut = [...besideLeftOut, ...fieldsLeftOut];
  const wrong = [...violations, ...(isEmpty ? asViolations(fieldsLeftOut) : [])];
  // Without violations everything that a change needs has been read.
  if (wrong.length === 0) return { type: 'change', change: change as MappedChange, leftOut };
  const { recordId, customer, occurredAt, changedBy } = change;
  return {
    type: 'unusable',
    violations: wrong,
    ...(recordId !== undefined && { recordId }),
    ...(occurredAt !== undefined && { occurredAt }),
    ...(changedBy !== undefined && { changedBy }),
    ...(customer && 'customerId' in customer && { customerId: customer.customerId }),
    leftOut,
  };
}

/** Everything that is wrong with an element, by its whole path in the output. */
export function violationsOf(reading: Reading, prefix: string): Violation[] {
  if (saysNothing(reading)) return [];
  return [
    ...reading.violations,
    ...asViolations(reading.besideLeftOut),
    ...reading.fieldsLeftOut.map(({ path, reason }) => ({
      path: path === 'fields' ? path : `fields.${path}`,
      message: reason,
    })),
  ].map(({ path, message }) => ({ path: prefix + path, message }));
}

/** Whoever it is about: no field of a customer is given. An element in which nothing at all was found is not understood. */
function saysNothing({ isWithoutFields, violations }: Reading): boolean {
  return isWithoutFields && !violations.includes(nothingFound) && !violations.includes(notAnElement);
}

const elementMembers: ReadonlySet<string> = new Set([
  'customer',
  'recordId',
  'changedBy',
  'snapshot',
  'occurredAt',
  'fields',
]);

const changedBySchema = z.union([z.string(), z.number().transform(String)]);

const notAnElement: Violation = { path: '', message: 'must be an object' };

const nameless: Violation = {
  path: 'customer.customerId',
  message: 'is needed, or a reference to look the customer up by, or the recordId of a linked record',
};

const nothingFound: Violation = {
  path: '',
  message: 'no customer and no field: the mapping found nothing in the payload that it knows',
};

function readFieldsOf(given: unknown, whereNone: RegionWhereNone): Read<ChangedFields> {
  if (isObject(given)) return readFields(given, whereNone);
  return { value: {}, leftOut: [{ path: 'fields', reason: 'must be an object' }] };
}

interface Who {
  readonly reference: CustomerReference;
  readonly recordId?: string;
  /** Nothing names the customer, and nothing tried to. */
  readonly isNobody: boolean;
  readonly violations: readonly Violation[];
  readonly leftOut: readonly LeftOut[];
}

/** A reference that cannot be read is left out if another one, or the record's id, names the customer; a customer's id never is. */
function readWho(customer: unknown, given: unknown): Who {
  const { reference, problems, isIdUnreadable } = readReference(customer ?? []);
  const { value: recordId, leftOut } = readOptional(writtenRecordIdSchema, given);
  const isNamed = 'customerId' in reference || reference.lookUp.length > 0 || recordId !== undefined;
  const unreadable = problems.map(({ path, message }) => ({
    path: ['customer', ...path].join('.'),
    message,
  }));
  const isUnreadable = isIdUnreadable || !isNamed;
  return {
    reference,
    ...(recordId !== undefined && { recordId }),
    isNobody: !isNamed && problems.length === 0 && leftOut.length === 0,
    violations: [...(isUnreadable ? unreadable : []), ...asViolations(leftOut, 'recordId')],
    leftOut: isUnreadable ? [] : unreadable.map(({ path, message }) => ({ path, reason: message })),
  };
}

/** The schema is made once: to make one for each element takes longer than to read it. */
function readWhen(given: unknown, readAt: Date): Read<Date | undefined> {
  const { value, leftOut } = readOptional(timeSchema, given);
  const reason = value && reasonAgainst(value, readAt);
  return reason === undefined ? { value, leftOut } : { value: undefined, leftOut: [{ path: '', reason }] };
}

/** Absent and blank are absent. */
function readOptional<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): Read<z.output<Schema> | undefined> {
  if (given === undefined || given === null || given === '' || isBlank(given)) {
    return { value: undefined, leftOut: [] };
  }
  const read = readValue(schema, given);
  if ('value' in read) return { value: read.value, leftOut: [] };
  return { value: undefined, leftOut: [{ path: '', reason: read.reason }] };
}

function asViolations(leftOut: readonly LeftOut[], at?: string): Violation[] {
  return leftOut.map(({ path, reason }) => ({ path: at ?? path, message: reason }));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
