import type { Change } from '../domain/change.ts';
import type { CustomerPatch } from '../domain/customer-patch.ts';
import { fieldsOf, pick } from '../domain/field-paths.ts';

/**
 * Makes several changes to one customer one: the newest value of each field with its own time, ties by position in
 * the delivery. The customers keep the order in which they first appear.
 */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const byCustomer = Map.groupBy(changes, ({ customer }) => customer.customerId);
  return [...byCustomer.values()].map(merge);
}

function merge(same: readonly Change[]): Change {
  const oldestFirst = same.toSorted((a, b) => a.occurredAt.localeCompare(b.occurredAt));
  const times = new Map<string, string>();
  let fields: CustomerPatch = {};
  for (const change of oldestFirst) {
    for (const [path] of fieldsOf(change.fields)) {
      times.set(path, change.occurredAt);
      fields = withFields(fields, pick(change.fields, [path]));
    }
  }
  const { customer, occurredAt } = oldestFirst.at(-1) as Change; // a group is never empty
  const older = [...times].filter(([, time]) => time !== occurredAt);
  return {
    customer,
    occurredAt,
    ...(older.length > 0 && { occurredAtOf: Object.fromEntries(older) }),
    fields,
  };
}

function withFields(older: CustomerPatch, newer: CustomerPatch): CustomerPatch {
  const AssociateCustom = { ...older.AssociateCustom, ...newer.AssociateCustom };
  return { ...older, ...newer, ...(Object.keys(AssociateCustom).length > 0 && { AssociateCustom }) };
}
