import * as z from 'zod';
import type { Fetched } from '../kind.ts';
import { getRecord } from '../shared/get-record.ts';
import { bounded, customerIdIn, type FieldValue, type RecordChange } from '../shared/record-change.ts';
import type { Operation } from './context.ts';

/** Where and how to read a record. */
interface WebApi {
  /** `https://contoso.crm.dynamics.com` */
  readonly host: string;
  /** The table's name in addresses: `contacts`. */
  readonly entitySet: string;
  readonly columns: readonly string[];
  readonly idColumn: string;
  readonly token: string;
  /** Deadline in ms. */
  readonly timeoutMs: number;
}

const formattedValue = 'OData.Community.Display.V1.FormattedValue';
const lookupName = 'Microsoft.Dynamics.CRM.lookuplogicalname';

const answerSchema = z.record(z.string(), z.unknown());

/**
 * Reads a record as it is now, from the Dataverse Web API. Never rejects.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/select-columns
 */
export async function readDataverseRecord(
  operation: Omit<Operation, 'occurredAt'>,
  { host, entitySet, columns, idColumn, token, timeoutMs }: WebApi,
): Promise<Fetched> {
  const wanted = [...new Set(['modifiedon', idColumn, ...columns])].join();
  const url = new URL(`/api/data/v9.2/${entitySet}(${operation.recordId})?$select=${wanted}`, host);
  const headers = {
    Authorization: `Bearer ${token}`,
    'OData-MaxVersion': '4.0',
    'OData-Version': '4.0',
    Prefer: `odata.include-annotations="${formattedValue},${lookupName}"`,
  };
  const fetched = await getRecord({ url, headers, timeoutMs });
  if (fetched.type !== 'found') return fetched;
  const answer = answerSchema.safeParse(fetched.payload);
  const fields = answer.success ? fieldsIn(answer.data) : {};
  // The answer is not from Dataverse.
  if (typeof fields.modifiedon !== 'string') return { type: 'unavailable' };
  const payload: RecordChange = {
    ...operation,
    occurredAt: fields.modifiedon,
    ...customerIdIn(fields[idColumn]),
    fields,
    changed: Object.keys(fields),
    snapshot: true,
  };
  return { type: 'found', payload };
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
