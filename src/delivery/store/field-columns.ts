import { odata } from '@azure/data-tables';
import { type DeliveryRecord, fieldsIn } from '../record/record.ts';
import type { RecordFilter } from '../record/record-filter.ts';

const columnOf = (field: string): string => `f_${field}`;

/** A column for each field that the change sets or that is left out of it: a table cannot look into a list. */
export function fieldColumns(record: DeliveryRecord): Record<string, string | true> {
  const { recordId } = record;
  return {
    ...Object.fromEntries(fieldsIn(record).map((name) => [columnOf(name), true as const])),
    ...(recordId !== undefined && { recordId: recordId.slice(0, 500) }),
  };
}

/** The part of a condition on rows that finds them by these columns. */
export function fieldConditions({ field, recordId }: RecordFilter): string[] {
  return [
    ...(field ? [`${columnOf(field)} eq true`] : []),
    ...(recordId === undefined ? [] : [odata`recordId eq ${recordId.slice(0, 500)}`]),
  ];
}
