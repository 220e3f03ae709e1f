import type { DirectScale, Failure } from '../../directscale/client.ts';
import { heldValues } from '../../directscale/customer-record.ts';
import type { FieldValue } from '../../domain/field-paths.ts';
import type { Held, Needed } from './plan.ts';

/**
 * Reads what is needed of a customer. A record that would merely spare a call is done without if it cannot be had, unless
 * DirectScale is down or has no such customer. Rejects with what reading the subscription key throws.
 */
export async function readHeld(
  customerId: string,
  needed: Needed,
  directScale: DirectScale,
): Promise<{ readonly held: Held } | { readonly failure: Failure }> {
  const held = new Map<string, FieldValue>();
  if (needed.record !== 'no') {
    const read = await directScale.getCustomer(customerId);
    if (read.outcome === 'found')
      for (const [path, value] of heldValues(read.customer)) held.set(path, value);
    else if (needed.record === 'must' || isDecisive(read)) return { failure: read };
  }
  if (needed.customFields) {
    const read = await directScale.getCustomFields(customerId);
    if (read.outcome !== 'found') return { failure: read };
    for (const [name, value] of Object.entries(read.fields)) held.set(`AssociateCustom.${name}`, value);
  }
  return { held };
}

/** Whether the PATCH would fail in the same way. An answer that cannot be read says nothing about that. */
function isDecisive(failure: Failure): boolean {
  if (failure.outcome === 'customer-not-found') return true;
  return failure.outcome === 'unavailable' && (failure.status ?? 500) >= 400;
}
