import type { DirectScale, Failure } from '../../directscale/client.ts';
import { heldValues } from '../../directscale/customer-record.ts';
import type { FieldValue } from '../../domain/field-paths.ts';

/** What DirectScale holds now, by path, as far as it was read. */
export type CurrentValues = ReadonlyMap<string, FieldValue>;

/** What has to be read of a customer before she is written to. */
export interface Needed {
  /** Her record: `must` when the change cannot be sent without it, `may` when it could spare the call. */
  readonly record: 'must' | 'may' | 'no';
  readonly customFields: boolean;
}

/**
 * Reads what is needed. A record that would merely spare a call is done without when it cannot be had, unless
 * DirectScale is down or has no such customer. Rejects with what reading the subscription key throws.
 */
export async function readCurrentValues(
  customerId: string,
  needed: Needed,
  directScale: DirectScale,
): Promise<{ readonly values: CurrentValues } | { readonly failure: Failure }> {
  const values = new Map<string, FieldValue>();
  if (needed.record !== 'no') {
    const read = await directScale.getCustomer(customerId);
    if (read.outcome === 'found')
      for (const [path, value] of heldValues(read.customer)) values.set(path, value);
    else if (needed.record === 'must' || isDecisive(read)) return { failure: read };
  }
  if (needed.customFields) {
    const read = await directScale.getCustomFields(customerId);
    if (read.outcome !== 'found') return { failure: read };
    for (const [name, value] of Object.entries(read.fields)) values.set(`AssociateCustom.${name}`, value);
  }
  return { values };
}

/** Whether the PATCH would fail in the same way. An answer that cannot be read says nothing about that. */
function isDecisive(failure: Failure): boolean {
  if (failure.outcome === 'customer-not-found') return true;
  return failure.outcome === 'unavailable' && (failure.status ?? 500) >= 400;
}
