import { type Change, isAddressed } from '../domain/change.ts';
import { type FieldValue, fieldsOf, fromPaths } from '../domain/field-paths.ts';

/** A change, and who made it in the system that it comes from, where that is told. */
export type MappedChange = Change & { readonly changedBy?: string };

/**
 * Makes several changes to one customer, by the same user, one: the newest value of each field with its own time, ties
 * by position in the delivery. The customers keep the order in which they first appear.
 */
export function mergeChanges<Item extends MappedChange>(changes: readonly Item[]): Item[] {
  return [...Map.groupBy(changes, whose).values()].map(merge);
}

/** Equal for changes that name the same customer and were made by the same user. */
function whose(change: MappedChange): string {
  const { changedBy = '', recordId, customer } = change;
  if (isAddressed(change)) return JSON.stringify([changedBy, 'customer', change.customer.customerId]);
  return JSON.stringify([changedBy, recordId ?? customer]);
}

function merge<Item extends MappedChange>(same: readonly Item[]): Item {
  const oldestFirst = same.toSorted((a, b) => a.occurredAt.localeCompare(b.occurredAt));
  const values = new Map<string, FieldValue>();
  const times = new Map<string, string>();
  for (const change of oldestFirst) {
    for (const [path, value] of fieldsOf(change.fields)) {
      // A change that was merged before knows the times of its fields.
      const time = change.occurredAtOf?.[path] ?? change.occurredAt;
      if (time < (times.get(path) ?? '')) continue;
      values.set(path, value);
      times.set(path, time);
    }
  }
  const newest = oldestFirst.at(-1) as Item; // a group is never empty
  const { occurredAtOf: _, ...rest } = newest;
  const older = [...times].filter(([, time]) => time !== newest.occurredAt);
  const merged = {
    ...rest,
    ...(older.length > 0 && { occurredAtOf: Object.fromEntries(older) }),
    fields: fromPaths(values),
  };
  // All of the newest one but what is set here.
  return merged as Item;
}
