import { type Change, isAddressed } from '../domain/change.ts';
import { type FieldValue, fieldsOf, fromPaths } from '../domain/field-paths.ts';

/**
 * Makes several changes to one customer one: the newest value of each field with its own time, ties by position in
 * the delivery. The customers keep the order in which they first appear.
 */
export function mergeChanges(changes: readonly Change[]): Change[] {
  return [...Map.groupBy(changes, whose).values()].map(merge);
}

/** Equal for changes that name the same customer. */
export function whose(change: Change): string {
  if (isAddressed(change)) return `customer ${change.customer.customerId}`;
  return change.recordId === undefined ? JSON.stringify(change.customer) : `record ${change.recordId}`;
}

function merge(same: readonly Change[]): Change {
  const oldestFirst = same.toSorted((a, b) => a.occurredAt.localeCompare(b.occurredAt));
  const values = new Map<string, FieldValue>();
  const times = new Map<string, string>();
  for (const change of oldestFirst) {
    for (const [path, value] of fieldsOf(change.fields)) {
      values.set(path, value);
      times.set(path, change.occurredAt);
    }
  }
  const newest = oldestFirst.at(-1) as Change; // a group is never empty
  const older = [...times].filter(([, time]) => time !== newest.occurredAt);
  return {
    ...newest,
    ...(older.length > 0 && { occurredAtOf: Object.fromEntries(older) }),
    fields: fromPaths(values),
  };
}
