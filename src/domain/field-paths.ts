import { addressFields, addressProperties } from './address.ts';
import type { ChangedFields } from './changed-fields.ts';

/** A value that a change sets. */
export type FieldValue = string | number;

/**
 * The fields of a change by path: `FirstName`, `PrimaryAddress.City`, `AssociateCustom.Field1`. Each custom field and
 * each property of an address stands for itself: what is ordered, compared and dropped is one of these.
 */
export function fieldsOf(fields: ChangedFields): [path: string, value: FieldValue][] {
  return Object.entries(fields).flatMap(([name, value]): [string, FieldValue][] => {
    if (value === undefined) return [];
    if (typeof value !== 'object') return [[name, value]];
    return Object.entries(value).flatMap(([member, inner]): [string, FieldValue][] =>
      inner === undefined ? [] : [[`${name}.${member}`, inner]],
    );
  });
}

/** The part of the fields that the paths name. */
export function pick(fields: ChangedFields, paths: readonly string[]): ChangedFields {
  const wanted = new Set(paths);
  return fromPaths(fieldsOf(fields).filter(([path]) => wanted.has(path)));
}

/** The fields that have these values by path: what {@link fieldsOf} took apart. */
export function fromPaths(values: Iterable<readonly [path: string, value: FieldValue]>): ChangedFields {
  const fields: Record<string, FieldValue | Record<string, FieldValue>> = {};
  for (const [path, value] of values) {
    const [name = '', member] = path.split('.');
    const before = fields[name];
    if (member === undefined) fields[name] = value;
    else fields[name] = { ...(typeof before === 'object' && before), [member]: value };
  }
  return fields;
}

/** Paths for people: an address all of whose properties are there has one name. */
export function fieldNamesOf(paths: readonly string[]): string[] {
  const whole = addressFields.filter((field) =>
    addressProperties.every((property) => paths.includes(`${field}.${property}`)),
  );
  const names = paths.map((path) => whole.find((field) => path.startsWith(`${field}.`)) ?? path);
  return [...new Set(names)];
}
