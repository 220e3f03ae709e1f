import * as z from 'zod';
import type { DeliveryContent, Fetched, JsonValue } from './source.ts';

/** What a lookup field refers to. */
const referenceSchema = z.object({
  Id: z.string(),
  LogicalName: z.string(),
  Name: z.string().exactOptional(),
});

const fieldValueSchema = z.union([z.string(), z.number(), z.boolean(), referenceSchema]);
export type FieldValue = z.infer<typeof fieldValueSchema>;

const recordChangeSchema = z.object({
  /** The kind of record, by the CRM's own name: `Contact`, `contact`. */
  object: z.string(),
  recordId: z.string(),
  /** Absent: the sender did not tell the DirectScale id. */
  customerId: z.string().exactOptional(),
  /** Absent: the sender did not tell when. */
  occurredAt: z.union([z.string(), z.number()]).exactOptional(),
  /** The CRM's id of the user who made the change; absent: the sender did not tell. */
  changedBy: z.string().exactOptional(),
  /** What is known of the record: what changed, and what merely came with it. "" is what was emptied. */
  fields: z.record(z.string(), fieldValueSchema),
  /** The names of the fields that changed. */
  changed: z.array(z.string()),
  /** The sender did not say what changed: `changed` names all that the record holds. */
  snapshot: z.literal(true).exactOptional(),
});

/** What a CRM says about one record: the payload that the mappings of Salesforce and Dataverse sources get. */
export type RecordChange = z.infer<typeof recordChangeSchema>;

const forAPersonSchema = z.object({ forAPerson: z.string() });

const recordItemSchema = z.union([forAPersonSchema, recordChangeSchema]);

/** A change of a record, or something that happened to it that a person must look at. */
export type RecordItem = z.infer<typeof recordItemSchema>;

/**
 * What the items of one delivery come to. Each of several items is applied for itself: what a person must look at, or
 * what cannot be mapped, does not hold up what came beside it.
 */
export function contentOf(items: readonly RecordItem[], nothing: string): DeliveryContent {
  const [only] = items;
  if (!only) return { type: 'ignored', reason: nothing };
  if (items.length > 1) return { type: 'thin', items };
  if ('forAPerson' in only) return { type: 'for-a-person', reason: only.forAPerson };
  return { type: 'changes', payload: only };
}

/** An item of {@link contentOf} when its turn comes: it already says everything. */
export function fetchedItem(thin: JsonValue): Fetched {
  const item = recordItemSchema.parse(thin);
  if ('forAPerson' in item) return { type: 'for-a-person', reason: item.forAPerson };
  return { type: 'found', payload: item };
}

/** A DirectScale id out of a CRM's field: text, or a number with or without the `.0` that Salesforce writes. */
export function customerIdIn(value: FieldValue | undefined): { customerId?: string } {
  if (typeof value !== 'string' && typeof value !== 'number') return {};
  const customerId = String(value).trim().replace(/\.0+$/, '');
  return customerId ? { customerId } : {};
}

/** More than any field of DirectScale takes: cut there, a text is still refused as too long. */
const maxText = 1000;

/** A text of a record, bounded: records can hold documents and pictures. */
export function bounded(text: string): string {
  return text.length > maxText ? text.slice(0, maxText) : text;
}
