import type { Options } from './options.ts';

/** Those that the shipped mapping knows, of the tables that have them by default. */
const addressColumns = ['line1', 'line2', 'line3', 'city', 'stateorprovince', 'postalcode', 'country'];
const commonColumns = [
  'emailaddress1',
  'telephone1',
  'telephone2',
  ...addressColumns.map((part) => `address1_${part}`),
];
const standardColumns: Readonly<Record<string, readonly string[]>> = {
  contact: ['firstname', 'lastname', 'mobilephone', 'birthdate', '_parentcustomerid_value', ...commonColumns],
  account: ['name', ...commonColumns],
};

/** The columns of a table that are read. */
export function columnsRead(table: string, { idColumn, webApi }: Options): string[] {
  const standard = standardColumns[table] ?? [];
  return [...new Set(['modifiedon', idColumn, ...standard, ...(webApi?.columns ?? [])])];
}
