import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import type { Fetched } from '../kind.ts';
import { bounded, customerIdIn, type FieldValue, type RecordChange } from '../shared/record-change.ts';
import { columnsRead } from './columns.ts';
import type { Operation } from './context.ts';
import type { Options } from './options.ts';
import { withBirthDay } from './values.ts';
import { askDataverse, formattedValue, lookupName } from './web-api.ts';

/** A record as the Web API gives it. */
export const recordSchema = z.record(z.string(), z.unknown());
export type DataverseRecord = z.infer<typeof recordSchema>;

/**
 * Reads a record as it is now, from the Dataverse Web API. Rejects only with what reading a secret throws.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/select-columns
 */
export async function readDataverseRecord(
  operation: Omit<Operation, 'occurredAt'>,
  context: FetchContext<Options>,
): Promise<Fetched> {
  const { options } = context;
  const path = `${options.tables[operation.object]}(${operation.recordId})`;
  const query = { $select: columnsRead(operation.object, options).join() };
  const answer = await askDataverse({ path, query }, context);
  if (answer.type === 'not-there') return { type: 'gone' };
  if (answer.type !== 'answered') return answer;
  const record = recordSchema.safeParse(answer.payload).data;
  const payload = record && changeOf(record, operation, options);
  // The answer is not from Dataverse.
  return payload ? { type: 'found', payload } : { type: 'unavailable' };
}

/** A record of which nobody says what changed; undefined: it does not say when it changed. */
export function changeOf(
  record: DataverseRecord,
  operation: Omit<Operation, 'occurredAt'>,
  { idColumn, birthdateTimeZone }: Options,
): (RecordChange & { readonly occurredAt: string }) | undefined {
  const fields = withBirthDay(fieldsIn(record), birthdateTimeZone);
  if (typeof fields.modifiedon !== 'string') return undefined;
  return {
    ...operation,
    occurredAt: fields.modifiedon,
    ...customerIdIn(fields[idColumn]),
    fields,
    changed: Object.keys(fields),
    snapshot: true,
  };
}

/** The values of a record by column, without those that are empty: whether they were cleared is not known. */
function fieldsIn(answer: Readonly<Record<string, unknown>>): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(answer)) {
    const [, lookup] = /^_(\w+)_value$/.exec(name) ?? [];
    const [Name, LogicalName] = [answer[`${name}@${formattedValue}`], answer[`${name}@${lookupName}`]];
    if (name.includes('@') || value === '') continue;
    if (lookup && typeof value === 'string' && typeof LogicalName === 'string') {
      fields[lookup] = { Id: value, LogicalName, ...(typeof Name === 'string' && { Name: bounded(Name) }) };
    } else if (typeof value === 'string') fields[name] = bounded(value);
    else if (typeof value === 'number' || typeof value === 'boolean') fields[name] = value;
  }
  return fields;
}
