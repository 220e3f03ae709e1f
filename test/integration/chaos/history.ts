import type { Call } from '../../../local/sandbox/sandbox.ts';
import type { MadeUpChange } from './made-up-changes.ts';

/** What a customer must hold in the end: of each field the value of the newest change. */
export function newestValues(changes: readonly MadeUpChange[], customerId: string): Record<string, string> {
  const ofCustomer = changes.filter((change) => change.customerId === customerId);
  return Object.assign({}, ...ofCustomer.map(({ fields }) => fields));
}

/** A PATCH that put an older value over a newer one. */
export interface Overwrite {
  /** Which value of which field, after which. */
  readonly what: string;
  /** When it took effect, in ms since 1970. */
  readonly at: number;
}

/** Every PATCH that carried a value older than one that had taken effect before. */
export function olderOverNewer(history: readonly Call[]): Overwrite[] {
  const newest = new Map<string, number>();
  const found: Overwrite[] = [];
  for (const { method, applied, customerId, patch, at } of history) {
    if (method !== 'PATCH' || !applied) continue;
    for (const [field, value] of Object.entries(patch as Record<string, string>)) {
      const key = `${customerId} ${field}`;
      const number = Number(value.slice(1));
      const before = newest.get(key) ?? -1;
      if (number < before) found.push({ what: `${key}: ${value} after v${before}`, at: Date.parse(at) });
      newest.set(key, Math.max(number, before));
    }
  }
  return found;
}
