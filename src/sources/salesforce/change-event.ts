import { hash } from 'node:crypto';
import * as z from 'zod';
import { type ForAPerson, isForAPerson, readElement } from '../delivery-item.ts';
import { MalformedDelivery } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import { bounded, customerIdIn, type FieldValue, type RecordItem } from '../shared/record-change.ts';
import { isMapped } from './mapped-fields.ts';

const names = z.array(z.string().max(500)).nullish();

const eventSchema = z.looseObject({
  ChangeEventHeader: z.looseObject({
    entityName: z.string().regex(/^\w{1,80}$/),
    recordIds: z.array(z.string().max(255)).min(1),
    changeType: z.string().regex(/^[A-Z_]{1,40}$/),
    changedFields: names,
    nulledFields: names,
    transactionKey: z.string().max(255).nullish(),
    sequenceNumber: z.union([z.number(), z.string()]).nullish(),
    commitTimestamp: z.union([z.number(), z.string()]).nullish(),
    commitUser: z.string().max(255).nullish(),
  }),
});

/** A change event: its header, and the fields of the record. */
export type ChangeEvent = z.infer<typeof eventSchema>;

/** More than a middleware puts into one request. */
const maxEvents = 5000;

/** How far inside the middleware's own envelope events are looked for. */
const maxEnvelopes = 6;

/** A name of a field, or of a part of a compound field: `MailingAddress.Street`. */
const fieldPath = /^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/;

/** How the Pub/Sub API writes lists of fields before they are decoded with the event's schema. */
const bitmap = /^(\d+-)?0x[0-9a-f]*$/i;

const addressParts = ['Street', 'City', 'State', 'PostalCode', 'Country'];

/**
 * The events of a body of Change Data Capture, in whatever envelope a middleware puts them: `{payload}`, `{data: {payload}}`,
 * bare, one or several; what cannot be read is for a person. Throws {@link MalformedDelivery} when there is none.
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_message_structure.htm
 */
export function readChangeEvents(body: Uint8Array): (ChangeEvent | ForAPerson)[] {
  const json = parseJson(body);
  // An element without an event is a fault of its own, and none of the others.
  const found = (Array.isArray(json) ? json : [json]).flatMap((element) => {
    const events = eventsIn(element, maxEnvelopes);
    return events.length > 0 || !Array.isArray(json) ? events : [element];
  });
  if (found.length === 0) throw new MalformedDelivery('The JSON must be a change event of Salesforce.');
  if (found.length > maxEvents) throw new MalformedDelivery(`A body may hold at most ${maxEvents} events.`);
  return found.map((event, index) => readElement(changeEventOf, event, index));
}

function changeEventOf(json: unknown): ChangeEvent {
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success) throw new MalformedDelivery('The ChangeEventHeader of an event cannot be read.');
  return parsed.data;
}

/** Equal for every repeat, whatever its envelope: a transaction numbers its events. What cannot be read counts with the body. */
export function changeEventIdOf(events: readonly (ChangeEvent | ForAPerson)[], body: Uint8Array): string {
  const identities = events.map((event) => {
    if (isForAPerson(event)) return hash('sha256', body);
    const { transactionKey, sequenceNumber, entityName, recordIds, changeType } = event.ChangeEventHeader;
    if (!transactionKey || sequenceNumber == null) return event;
    return [transactionKey, sequenceNumber, entityName, recordIds, changeType];
  });
  return `events:${hash('sha256', JSON.stringify(identities))}`;
}

/** What an event says of each of its records; nothing: it does not concern a customer. */
export function itemsOfEvent(
  event: ChangeEvent,
  objects: readonly string[],
  idField: string,
): readonly RecordItem[] {
  const { ChangeEventHeader: header, ...payload } = event;
  const { entityName: object, recordIds, changeType, changedFields, nulledFields, commitUser } = header;
  if (!objects.includes(object)) return [];

  const subject = `${changeType} of ${object} ${recordIds.slice(0, 10).join(', ')}`;
  if (changeType !== 'CREATE' && changeType !== 'UPDATE') return [{ forAPerson: subject }];

  const listed = [...(changedFields ?? []), ...(nulledFields ?? [])];
  const undecoded = listed.filter((path) => bitmap.test(path));
  if (undecoded.length > 0)
    return [
      { forAPerson: `${subject}: its bitmap of changed fields is not decoded: ${undecoded.join(', ')}` },
    ];

  const held = heldFields(payload);
  const { changed, untold } =
    changeType === 'CREATE'
      ? { changed: held, untold: [] }
      : changesIn(payload, listed, nulledFields ?? undefined);
  const fields = { ...held, ...changed };
  const customer = customerIdIn(fields[idField]);
  // A new record is not a customer until it has the DirectScale id.
  if (changeType === 'CREATE' && !customer.customerId) return [];
  if (changeType === 'UPDATE' && !changedFields)
    return [{ forAPerson: `${subject}: changedFields does not name the fields` }];
  const missing = untold.filter((field) => field === idField || isMapped(field));
  if (missing.length > 0)
    return [{ forAPerson: `${subject}: ${missing.join(', ')} changed, but the event does not tell it` }];
  // The same change of many records: they cannot be one customer.
  if (recordIds.length > 1 && customer.customerId)
    return [{ forAPerson: `${subject}: several records with one DirectScale id` }];

  const occurredAt = header.commitTimestamp ?? textOrNumber(held.LastModifiedDate);
  return recordIds.map((recordId) => ({
    payload: {
      object,
      recordId,
      ...customer,
      ...(occurredAt !== undefined && { occurredAt }),
      ...(commitUser && { changedBy: commitUser }),
      fields,
      changed: Object.keys(changed),
      ...(changeType === 'CREATE' && { snapshot: true as const }),
    },
  }));
}

/**
 * The values of the fields that are listed as changed, by the names that the object has; "" for one that was emptied.
 * `untold`: listed, but neither there nor emptied. In one dialect every field that did not change is null, and `nulled`
 * lists those that were emptied; in the other, without that list, a null is what was emptied.
 */
function changesIn(payload: object, listed: readonly string[], nulled: readonly string[] | undefined) {
  const isListedAsNulled = (path: string) =>
    nulled?.some((field) => path === field || path.startsWith(`${field}.`)) === true;
  const hasListedParts = (path: string) => listed.some((other) => other.startsWith(`${path}.`));
  const changed: Record<string, FieldValue> = {};
  const untold: string[] = [];
  for (const path of new Set(listed)) {
    const value = fieldPath.test(path) ? path.split('.').reduce(member, payload) : undefined;
    const isEmpty = value === null || value === undefined;
    if (isEmpty && (isListedAsNulled(path) || (value === null && nulled === undefined))) {
      const parts = path.endsWith('Address') ? addressParts.map((part) => `${path}.${part}`) : [path];
      for (const part of parts) changed[fieldName(part)] = '';
    } else if (isEmpty) {
      if (!hasListedParts(path)) untold.push(fieldName(path));
    } else if (isScalar(value)) {
      changed[fieldName(path)] = scalar(value);
    } else if (!hasListedParts(path)) {
      // Without a list of its parts, a compound field that changed is meant whole.
      Object.assign(changed, heldFields({ [path]: value }));
    }
  }
  return { changed, untold };
}

/** Every value of a record that is there, compound fields taken apart. null is "not changed" in one dialect. */
function heldFields(payload: object): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (isScalar(value)) fields[name] = scalar(value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [part, partValue] of Object.entries(value)) {
        if (isScalar(partValue)) fields[fieldName(`${name}.${part}`)] = scalar(partValue);
      }
    }
  }
  return fields;
}

/** The object's own name of a part: `Name.FirstName` is FirstName, `MailingAddress.Street` is MailingStreet. */
function fieldName(path: string): string {
  const [, compound = '', part = ''] = /^(\w+)\.(\w+)$/.exec(path) ?? [];
  if (compound === 'Name') return part;
  return compound.endsWith('Address') ? compound.replace(/Address$/, part) : path;
}

type Scalar = string | number | boolean;
const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);
const scalar = (value: Scalar): Scalar => (typeof value === 'string' ? bounded(value) : value);

const textOrNumber = (value: FieldValue | undefined): string | number | undefined =>
  typeof value === 'string' || typeof value === 'number' ? value : undefined;

function eventsIn(value: unknown, depth: number): object[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Object.hasOwn(value, 'ChangeEventHeader')) return [value];
  return depth === 0 ? [] : Object.values(value).flatMap((inner) => eventsIn(inner, depth - 1));
}

/** What is emptied has no parts: a part of it is null as well. */
function member(value: unknown, name: string): unknown {
  if (value === null) return null;
  return typeof value === 'object' && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
