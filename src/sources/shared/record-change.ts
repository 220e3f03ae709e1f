import type { ForAPerson } from '../delivery-item.ts';

/** What a field of a CRM holds; of a lookup, what it refers to. */
export type FieldValue =
  | string
  | number
  | boolean
  | { readonly Id: string; readonly LogicalName: string; readonly Name?: string };

/** What a CRM says about one record: the payload that the mappings of Salesforce and Dataverse sources get. */
export type RecordChange = {
  /** The kind of record, by the CRM's own name: `Contact`, `contact`. */
  readonly object: string;
  readonly recordId: string;
  /** Absent: the sender did not tell the DirectScale id. */
  readonly customerId?: string;
  /** Absent: the sender did not tell when. */
  readonly occurredAt?: string | number;
  /** The CRM's id of the user who made the change; absent: the sender did not tell. */
  readonly changedBy?: string;
  /** What is known of the record: what changed, and what merely came with it. "" is what was emptied. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** The names of the fields that changed. */
  readonly changed: readonly string[];
  /** The sender did not say what changed: `changed` names all that the record holds. */
  readonly snapshot?: true;
};

/** A change of a record, or something that happened to it that an operator must handle, as an item of a delivery. */
export type RecordItem = { readonly payload: RecordChange } | ForAPerson;

/** A DirectScale id out of a CRM's field: text, or a number with or without the `.0` that Salesforce writes. */
export function customerIdIn(value: FieldValue | undefined): { customerId?: string } {
  if (typeof value !== 'string' && typeof value !== 'number') return {};
  const customerId = String(value).trim().replace(/\.0+$/, '');
  return customerId ? { customerId } : {};
}

/** Whether a payload says of itself that nobody knows what changed. */
export function saysSnapshot(payload: unknown): boolean {
  return (
    typeof payload === 'object' && payload !== null && 'snapshot' in payload && payload.snapshot === true
  );
}

/** More than any field of DirectScale takes: cut there, a text is still refused as too long. */
const maxText = 1000;

/** A text of a record, bounded: records can hold documents and pictures. */
export function bounded(text: string): string {
  return text.length > maxText ? text.slice(0, maxText) : text;
}
