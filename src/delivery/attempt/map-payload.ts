import { forbiddenFieldsOf, type Source } from '../../config/source.ts';
import { referenceOf, referencesSetBy } from '../../domain/customer-reference.ts';
import { fieldsOf, pick } from '../../domain/field-paths.ts';
import type { Violation } from '../../domain/violation.ts';
import type { MappedElement, MappingResult } from '../../mapping/mapped-element.ts';
import { mergeElements } from '../../mapping/merge-changes.ts';
import { validateChanges } from '../../mapping/validate-changes.ts';

/**
 * Turns a payload into what the source may say with it: a change for each customer, with what is left out of it, and
 * elements that nobody can apply. Changes by a user that the source is to ignore are not in it. A strict source says all
 * or nothing.
 */
export async function mapPayload(
  source: Source,
  payload: unknown,
  receivedAt: Date,
  sentAt?: Date,
): Promise<MappingResult> {
  return merged(await mapUnmerged(source, payload, timesOf(source, receivedAt, sentAt)));
}

/** The same for a record as its vendor's API gives it: what it holds was so at `receivedAt` at least, and is read at `readAt`. */
export async function mapRecord(
  source: Source,
  record: unknown,
  receivedAt: Date,
  readAt = receivedAt,
): Promise<MappingResult> {
  return merged(await mapUnmerged(source, record, { readAt, timeIfAbsent: receivedAt }));
}

type ChangeElement = Extract<MappedElement, { type: 'change' }>;

/** What stands in for an absent time, and when the payload came or was read. */
export interface Times {
  readonly readAt: Date;
  readonly timeIfAbsent?: Date;
}

/** Where no time is signed, a recorded request can be sent again at any time: its receipt is no time of the change. */
export function timesOf({ kind, options }: Source, receivedAt: Date, sentAt = receivedAt): Times {
  const isSigned = kind.signsTime?.(options) ?? false;
  const timeIfAbsent = sentAt < receivedAt ? sentAt : receivedAt;
  return { readAt: receivedAt, ...(isSigned && { timeIfAbsent }) };
}

function merged(mapped: MappingResult): MappingResult {
  return mapped.ok ? { ok: true, elements: mergeMapped<never>(mapped.elements) } : mapped;
}

/** What several elements say of one customer is one change, which says which references it sets. */
export function mergeMapped<Other extends { readonly type: 'record' | 'for-a-person' } = never>(
  elements: readonly (MappedElement | Other)[],
): (MappedElement | Other)[] {
  return mergeElements(elements).map((element) => (isChange(element) ? withReferences(element) : element));
}

function isChange(element: { readonly type: string }): element is ChangeElement {
  return element.type === 'change';
}

/** A reference that is set to a value that the relay cannot use is set, too: what the customer is looked up by may be that value. */
function withReferences(element: ChangeElement): ChangeElement {
  const { isSnapshot, setsReferences = [], ...change } = element.change;
  if (isSnapshot) return { ...element, change };
  const leftOut = new Set(element.leftOut.flatMap(({ path }) => referenceOf(path) ?? []));
  const lookUp = 'lookUp' in change.customer ? change.customer.lookUp : [];
  const sets = [...setsReferences, ...lookUp.filter(({ by }) => leftOut.has(by))];
  return { ...element, change: { ...change, ...(sets.length > 0 && { setsReferences: sets }) } };
}

export async function mapUnmerged(
  source: Source,
  payload: unknown,
  { readAt, timeIfAbsent }: Times,
): Promise<MappingResult> {
  const mapping = await source.mapping?.();
  const options = { strict: source.isStrict, timeIfAbsent };
  const result = mapping
    ? await mapping.map(payload, readAt, options)
    : validateChanges(payload, readAt, options);
  if (!result.ok) return result;
  const taken = result.elements.filter(
    (element) => !isIgnored((element.type === 'change' ? element.change : element).changedBy, source),
  );
  const isSnapshot = source.kind.isSnapshot?.(payload) ?? false;
  const allowed = taken.map((element) =>
    withoutForbidden(withOwnReferences(element, isSnapshot), source.forbidden),
  );
  const violations = allowed.flatMap(({ forbidden }) => forbidden);
  if (source.isStrict && violations.length > 0) return { ok: false, violations };
  return { ok: true, elements: allowed.map(({ element }) => element) };
}

/** Says which references the change sets, before any field is left out of it. */
function withOwnReferences(element: MappedElement, isSnapshotAnyway: boolean): MappedElement {
  if (element.type === 'unusable') return element;
  const { change } = element;
  if (change.isSnapshot ?? isSnapshotAnyway) return { ...element, change: { ...change, isSnapshot: true } };
  const setsReferences = referencesSetBy(change.fields);
  return { ...element, change: { ...change, ...(setsReferences.length > 0 && { setsReferences }) } };
}

function isIgnored(changedBy: string | undefined, { ignoreChangedBy }: Source): boolean {
  return changedBy !== undefined && ignoreChangedBy.has(changedBy);
}

/** An element without the fields that its source may not send: they are left out. */
function withoutForbidden(
  element: MappedElement,
  forbidden: ReadonlySet<string>,
): { readonly element: MappedElement; readonly forbidden: readonly Violation[] } {
  if (element.type === 'unusable') return { element, forbidden: [] };
  const { changedBy: _, ...change } = element.change;
  const violations = forbiddenFieldsOf(change.fields, forbidden);
  if (violations.length === 0) return { element: { ...element, change }, forbidden: [] };
  const leftOut = [...element.leftOut, ...violations.map(({ path, message }) => ({ path, reason: message }))];
  const fields = pick(
    change.fields,
    fieldsOf(change.fields).flatMap(([path]) => (forbidden.has(path) ? [] : [path])),
  );
  if (Object.keys(fields).length > 0)
    return { element: { ...element, change: { ...change, fields }, leftOut }, forbidden: violations };
  const { customer, recordId, occurredAt } = change;
  return {
    element: {
      type: 'unusable',
      violations,
      leftOut,
      ...(recordId !== undefined && { recordId }),
      ...(occurredAt !== undefined && { occurredAt }),
      ...('customerId' in customer && { customerId: customer.customerId }),
    },
    forbidden: violations,
  };
}
