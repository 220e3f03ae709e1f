import * as z from 'zod';
import type { Change } from '../domain/change.ts';
import { changedFieldsSchema } from '../domain/changed-fields.ts';
import { writtenRecordIdSchema, writtenReferenceSchema } from '../domain/customer-reference.ts';
import { type Violation, violationsOf } from '../domain/violation.ts';
import type { MappedChange, MappingResult } from './mapping.ts';
import { occurredAtSchema } from './occurred-at.ts';
import { withoutNulls } from './without-nulls.ts';

/** More changes than any sender puts into one delivery. */
const maxChanges = 5000;

/**
 * Turns what a mapping yields (one object, an array of them, or nothing) into changes: nulls dropped, objects that name a
 * customer and no field dropped. Lists every violation by path.
 */
export function validateChanges(output: unknown, receivedAt: Date, readAt = receivedAt): MappingResult {
  if (output === undefined || output === null) return { ok: true, changes: [] };
  const several = Array.isArray(output);
  const items: unknown[] = several ? [...output] : [output];
  if (items.length > maxChanges) {
    return { ok: false, violations: [{ path: '', message: `may hold at most ${maxChanges} changes` }] };
  }
  const schema = changeOutput(receivedAt, readAt);
  const changes: MappedChange[] = [];
  const silent: object[] = [];
  const violations = items.flatMap((item, index) => {
    const clean = withoutNulls(item);
    if (saysNothing(clean)) {
      silent.push(clean);
      return [];
    }
    const parsed = schema.safeParse(clean);
    const found = parsed.success
      ? [parsed.data].filter(isNameless).map(() => nameless)
      : violationsOf(parsed.error);
    if (parsed.success) changes.push(parsed.data);
    return found.map(({ path, message }) => ({ path: several ? `[${index}].${path}` : path, message }));
  });
  if (silent.length === items.length && silent.length > 0 && silent.every(namesNobody))
    return { ok: false, violations: [{ path: '', message: nothingFound }] };
  return violations.length > 0 ? { ok: false, violations } : { ok: true, changes };
}

function changeOutput(receivedAt: Date, readAt: Date) {
  return z.strictObject({
    customer: writtenReferenceSchema.default({ lookUp: [] }),
    recordId: writtenRecordIdSchema.exactOptional(),
    changedBy: z.union([z.string(), z.number().transform(String)]).exactOptional(),
    occurredAt: occurredAtSchema(readAt).default(receivedAt.toISOString()),
    fields: changedFieldsSchema,
  });
}

const nameless: Violation = {
  path: 'customer.customerId',
  message: 'is needed, or a reference to look the customer up by, or the recordId of a linked record',
};

function isNameless({ customer, recordId }: Change): boolean {
  return 'lookUp' in customer && customer.lookUp.length === 0 && recordId === undefined;
}

/** The payload is not of the form that the mapping is for: that nothing changed is not known. */
const nothingFound = 'neither a customer nor a field was found in the payload';

function namesNobody(item: object): boolean {
  const { customer, recordId } = item as { customer?: unknown; recordId?: unknown }; // whatever a mapping yields
  if (recordId !== undefined) return false;
  const reference = writtenReferenceSchema.safeParse(customer ?? []).data;
  return reference !== undefined && 'lookUp' in reference && reference.lookUp.length === 0;
}

function saysNothing(item: unknown): item is object {
  if (typeof item !== 'object' || item === null || !('fields' in item)) return false;
  const { fields } = item;
  return (
    typeof fields === 'object' &&
    fields !== null &&
    !Array.isArray(fields) &&
    Object.keys(fields).length === 0
  );
}
