import type { DeliveryRecord } from './record.ts';

/** What an index finds without reading through everything: what is not finished, or finished with a field left out. */
export const openKinds = ['pending', 'parked', 'left-out'] as const;
export type OpenKind = (typeof openKinds)[number];

/** As what a record belongs into the index; undefined: it does not. */
export function openKindOf({ status, leftOut = [] }: DeliveryRecord): OpenKind | undefined {
  if (status === 'pending' || status === 'parked') return status;
  const isWritten = status === 'applied' || status === 'unchanged' || status === 'stale';
  return isWritten && leftOut.length > 0 ? 'left-out' : undefined;
}
