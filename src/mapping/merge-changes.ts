import { type Change, isAddressed } from '../domain/change.ts';
import { type FieldValue, fieldsOf, fromPaths } from '../domain/field-paths.ts';
import type { LeftOut } from '../domain/left-out.ts';

/** A change, and what was left out of it. */
export interface ChangeWithLeftOut {
  readonly change: Change;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Makes several changes to one customer one: the newest value of each field with its own time, ties by position in
 * the delivery. The customers keep the order in which they first appear.
 */
export function mergeChanges(changes: readonly Change[]): Change[] {
  return mergeWithLeftOut(changes.map((change) => ({ change, leftOut: [] }))).map(({ change }) => change);
}

/** The same with what was left out of them: a value that cannot be used is told, unless a later change brings one that can. */
export function mergeWithLeftOut(elements: readonly ChangeWithLeftOut[]): ChangeWithLeftOut[] {
  return [...Map.groupBy(elements, ({ change }) => whose(change)).values()].map(merge);
}

/** Equal for changes that name the same customer. */
function whose(change: Change): string {
  if (isAddressed(change)) return `customer ${change.customer.customerId}`;
  return change.recordId === undefined ? JSON.stringify(change.customer) : `record ${change.recordId}`;
}

function merge(same: readonly ChangeWithLeftOut[]): ChangeWithLeftOut {
  const oldestFirst = same.toSorted((a, b) => a.change.occurredAt.localeCompare(b.change.occurredAt));
  const values = new Map<string, FieldValue>();
  const times = new Map<string, string>();
  const leftOut = new Map<string, LeftOut>();
  for (const { change, leftOut: ofThis } of oldestFirst) {
    for (const [path, value] of fieldsOf(change.fields)) {
      values.set(path, value);
      times.set(path, change.occurredAt);
      leftOut.delete(path);
    }
    for (const one of ofThis) leftOut.set(one.path, one);
  }
  const { change: newest } = oldestFirst.at(-1) as ChangeWithLeftOut; // a group is never empty
  const older = [...times].filter(([, time]) => time !== newest.occurredAt);
  return {
    change: {
      ...newest,
      ...(older.length > 0 && { occurredAtOf: Object.fromEntries(older) }),
      fields: fromPaths(values),
    },
    leftOut: [...leftOut.values()],
  };
}
