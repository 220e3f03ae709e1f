import { addressFields } from '../domain/address.ts';
import type { ChangedFields } from '../domain/changed-fields.ts';
import { customerFields, customFieldName, fieldNames } from '../domain/customer-patch.ts';
import type { LeftOut } from '../domain/left-out.ts';
import { text } from '../domain/text.ts';
import type { RegionWhereNone } from './functions/index.ts';
import { readAddress } from './read-address.ts';
import { isBlank, type Read, readValue } from './read-value.ts';

/**
 * The fields that can be used, each for itself, and what cannot, by path. Absent, `null` and blanks say nothing; `""` clears
 * a field. The value may be empty: nothing that can be used was given.
 */
export function readFields(given: object, whereNone: RegionWhereNone): Read<ChangedFields> {
  const fields: Record<string, unknown> = {};
  const leftOut: LeftOut[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || isBlank(value)) continue;
    const read = readField(name, value, whereNone);
    leftOut.push(
      ...read.leftOut.map(({ path, reason }) => ({ path: path ? `${name}.${path}` : name, reason })),
    );
    const isEmpty =
      typeof read.value === 'object' && read.value !== null && Object.keys(read.value).length === 0;
    if (read.value !== undefined && !isEmpty) fields[name] = read.value;
  }
  const inOrder = fieldNames.flatMap((name) => (Object.hasOwn(fields, name) ? [[name, fields[name]]] : []));
  // Each member has just been read by the schema of its field.
  return { value: Object.fromEntries(inOrder) as ChangedFields, leftOut };
}

function readField(name: string, value: unknown, whereNone: RegionWhereNone): Read<unknown> {
  const schema = Object.hasOwn(customerFields.shape, name)
    ? customerFields.shape[name as keyof typeof customerFields.shape]
    : undefined;
  if (!schema) return without('is not a known name');
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && addressFields.some((field) => field === name)) return readAddress(value, whereNone);
  if (isObject && name === 'AssociateCustom') return readCustomFields(value);
  const read = readValue(schema, value);
  if ('value' in read) return { value: read.value, leftOut: [] };
  return without(value === '' ? cannotBeCleared : read.reason);
}

function readCustomFields(given: object): Read<Record<string, string>> {
  const fields: Record<string, string> = {};
  const leftOut: LeftOut[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || isBlank(value)) continue;
    const key = readValue(customFieldName, name);
    const read = 'reason' in key ? key : readValue(text, value);
    if ('reason' in read) leftOut.push({ path: name, reason: read.reason });
    else fields[name] = read.value;
  }
  return { value: fields, leftOut };
}

const without = (reason: string): Read<undefined> => ({ value: undefined, leftOut: [{ path: '', reason }] });

const cannotBeCleared = 'was cleared, which DirectScale does not take';
