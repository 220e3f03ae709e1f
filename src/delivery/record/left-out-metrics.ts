import { addressFields, addressProperties } from '../../domain/address.ts';
import { fieldNames } from '../../domain/customer-patch.ts';
import { measure } from '../../telemetry/telemetry.ts';
import type { DeliveryRecord } from './record.ts';

/** What is counted apart: everything else is `other`, as nobody knows how many names a sender thinks of. */
const countedPaths: ReadonlySet<string> = new Set([
  ...fieldNames,
  ...addressFields.flatMap((field) => addressProperties.map((property) => `${field}.${property}`)),
  'customer',
  'changedBy',
]);

/** How reasons begin, and what each is counted as. The others are those of values that nobody can read. */
const countedReasons: readonly (readonly [beginning: string, reason: string])[] = [
  ['cannot be completed', 'address-incomplete'],
  ['may not be sent', 'not-allowed'],
  ['is not a known name', 'unknown-name'],
  ['must not be empty', 'empty'],
  ['was cleared', 'empty'],
  ['is longer than', 'too-long'],
  ['DirectScale', 'refused'],
];

/** Counts the fields that were left out of a finished change, by source, path and reason: few of each, whatever is sent. */
export function countLeftOut({ source, leftOut = [] }: DeliveryRecord): void {
  for (const one of leftOut) {
    measure('relay.left-out', 1, { source, path: countedPath(one.path), reason: countedReason(one.reason) });
  }
}

/** `[2].AssociateCustom.Field7` is counted as `AssociateCustom`. */
export function countedPath(path: string): string {
  const field = path.replace(/^\[\d+\]\./, '').replace(/^(AssociateCustom|customer)\..*$/, '$1');
  return countedPaths.has(field) ? field : 'other';
}

export function countedReason(reason: string): string {
  return countedReasons.find(([beginning]) => reason.startsWith(beginning))?.[1] ?? 'unreadable';
}
