import * as z from 'zod';
import { type Change, customerReferenceSchema } from '../domain/change.ts';
import { customerPatchSchema } from '../domain/customer-patch.ts';
import { violationsOf } from '../domain/violation.ts';
import type { MappingResult } from './mapping.ts';
import { mergeChanges } from './merge-changes.ts';
import { occurredAtSchema } from './occurred-at.ts';
import { withoutNulls } from './without-nulls.ts';

/** More changes than any sender puts into one delivery. */
const maxChanges = 5000;

/**
 * Turns what a mapping yields (one object, an array of them, or nothing) into changes: nulls dropped, objects
 * without fields dropped, several changes to one customer made one. Lists every violation by path.
 */
export function validateChanges(output: unknown, receivedAt: Date): MappingResult {
  if (output === undefined || output === null) return { ok: true, changes: [] };
  const several = Array.isArray(output);
  const items: unknown[] = several ? [...output] : [output];
  if (items.length > maxChanges) {
    return { ok: false, violations: [{ path: '', message: `may hold at most ${maxChanges} changes` }] };
  }
  const schema = changeOutput(receivedAt);
  const changes: Change[] = [];
  const violations = items.flatMap((item, index) => {
    const clean = withoutNulls(item);
    if (saysNothing(clean)) return [];
    const parsed = schema.safeParse(clean);
    if (parsed.success) changes.push(parsed.data);
    const found = parsed.success ? [] : violationsOf(parsed.error);
    return found.map(({ path, message }) => ({ path: several ? `[${index}].${path}` : path, message }));
  });
  return violations.length > 0 ? { ok: false, violations } : { ok: true, changes: mergeChanges(changes) };
}

/** A mapping may compute an id as a number; a number past 2^53 has lost digits and is refused. */
const customerOutput = z.preprocess((customer) => {
  if (typeof customer !== 'object' || customer === null || !('customerId' in customer)) return customer;
  const { customerId } = customer;
  return { ...customer, customerId: Number.isSafeInteger(customerId) ? String(customerId) : customerId };
}, customerReferenceSchema);

function changeOutput(receivedAt: Date) {
  return z.strictObject({
    customer: customerOutput,
    occurredAt: occurredAtSchema(receivedAt).default(receivedAt.toISOString()),
    fields: customerPatchSchema,
  });
}

function saysNothing(item: unknown): boolean {
  if (typeof item !== 'object' || item === null || !('fields' in item)) return false;
  const { fields } = item;
  return (
    typeof fields === 'object' &&
    fields !== null &&
    !Array.isArray(fields) &&
    Object.keys(fields).length === 0
  );
}
