import type { Window } from '../changes-since.ts';

/** Vendors count whole seconds. */
const precisionMs = 1000;

/**
 * Whether a record changed before the time that was asked for. Then the vendor did not filter: what it gives is all it has, and
 * nobody asked for that.
 */
export function isBefore({ since }: Pick<Window, 'since'>, changedAt: string | undefined): boolean {
  return since !== undefined && Date.parse(changedAt ?? '') < since.getTime() - precisionMs;
}
