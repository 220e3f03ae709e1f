import type { Call } from '../../../local/sandbox/sandbox.ts';
import type { MadeUpChange } from './made-up-changes.ts';

/** What a customer must hold in the end: of each field the value of the newest change. */
export function newestValues(changes: readonly MadeUpChange[], customerId: string): Record<string, string> {
  const ofCustomer = changes.filter((change) => change.customerId === customerId);
  return Object.assign({}, ...ofCustomer.map(({ fields }) => fields));
}

/** Every PATCH that carried a value older than one that had taken effect before. */
export function olderOverNewer(history: readonly Call[]): string[] {
  const newest = new Map<string, number>();
  const found: string[] = [];
  for (const { method, applied, customerId, patch } of history) {
    if (method !== 'PATCH' || !applied) continue;
    for (const [field, value] of Object.entries(patch as Record<string, string>)) {
      const key = `${customerId} ${field}`;
      const number = Number(value.slice(1));
      const before = newest.get(key) ?? -1;
      if (number < before) found.push(`${key}: ${value} after v${before}`);
      newest.set(key, Math.max(number, before));
    }
  }
  return found;
}
