import * as z from 'zod';
import { dayIn } from '../shared/local-time.ts';
import { bounded, type FieldValue } from '../shared/record-change.ts';

/** What a lookup column refers to. */
const reference = z
  .looseObject({ Id: z.string(), LogicalName: z.string(), Name: z.string().nullish() })
  .transform(({ Id, LogicalName, Name }) => ({ Id, LogicalName, ...(Name && { Name: bounded(Name) }) }));

/** A choice or an amount of money. */
const wrapped = z.looseObject({ Value: z.number() }).transform(({ Value }) => Value);

const fieldValue: z.ZodType<FieldValue, unknown> = z.union([
  z.string().transform((text) => bounded(isoTimeOf(text) ?? text)),
  z.number(),
  z.boolean(),
  reference,
  wrapped,
]);

/**
 * The value of an attribute: text, number, boolean, ISO 8601 time, the number of a choice, or what a lookup refers to;
 * undefined for anything else (lists, other records).
 */
export function fieldValueOf(value: unknown): FieldValue | undefined {
  return fieldValue.safeParse(value).data;
}

/**
 * The ISO 8601 time (UTC) of a text such as `/Date(1506384247000)/`; undefined for any other text. With an offset,
 * `/Date(1506409448000-0700)/`, it is the time as it reads there, for Dataverse counts the offset twice: in the vendor's
 * own sample the UTC time of the operation is 7 hours before the number, one second after `modifiedon`.
 * https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
 */
export function isoTimeOf(text: string): string | undefined {
  const [isTime, ms, sign, hours, minutes] =
    /^\/Date\((-?\d{1,16})(?:([+-])(\d\d)(\d\d))?\)\/$/.exec(text) ?? [];
  if (isTime === undefined) return undefined;
  const offsetMinutes = sign ? Number(hours) * 60 + Number(minutes) : 0;
  const time = new Date(Number(ms) + (sign === '-' ? -offsetMinutes : offsetMinutes) * 60_000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/**
 * The values of a record, `birthdate` as the day that it is in the time zone of the options. A column of the behavior User Local
 * holds midnight of the user who typed it, in UTC, which may be the day before.
 * https://learn.microsoft.com/power-apps/developer/data-platform/behavior-format-date-time-attribute
 */
export function withBirthDay(
  fields: Readonly<Record<string, FieldValue>>,
  timeZone: string,
): Record<string, FieldValue> {
  const { birthdate } = fields;
  if (timeZone === 'UTC' || typeof birthdate !== 'string' || !birthdate.includes('T')) return fields;
  const moment = new Date(birthdate);
  return Number.isNaN(moment.getTime()) ? fields : { ...fields, birthdate: dayIn(moment, timeZone) };
}
