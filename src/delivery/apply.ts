import type { CallResult, DirectScale } from '../directscale/client.ts';
import type { Change } from '../domain/change.ts';
import type { CustomerPatch } from '../domain/customer-patch.ts';

/** What became of one change: DirectScale's answer, and the names of the fields that were sent. */
export type Applied = CallResult & { readonly customerId: string; readonly fields: readonly string[] };

/** The way out: writes one change to DirectScale. Throws only what reading the subscription key throws. */
export async function apply(change: Change, directScale: DirectScale): Promise<Applied> {
  const { customerId } = change.customer;
  const result = await patch(customerId, change.fields, directScale);
  const { message, ...answer } = result;
  return {
    ...answer,
    ...(message !== undefined && { message: withoutValues(message, change.fields) }),
    customerId,
    fields: Object.keys(change.fields),
  };
}

/**
 * Whether DirectScale keeps a FieldN that a PATCH of AssociateCustom leaves out is not documented,
 * so the customer's other custom fields are read and sent along.
 */
async function patch(
  customerId: string,
  fields: CustomerPatch,
  directScale: DirectScale,
): Promise<CallResult> {
  if (!fields.AssociateCustom) return directScale.patchCustomer(customerId, fields);
  const current = await directScale.getCustomFields(customerId);
  if (current.outcome !== 'found') return current;
  const AssociateCustom = { ...current.fields, ...fields.AssociateCustom };
  return directScale.patchCustomer(customerId, { ...fields, AssociateCustom });
}

/** DirectScale's words may repeat what was sent; each value is replaced by its field's name. */
function withoutValues(message: string, fields: CustomerPatch): string {
  let clean = message;
  for (const [path, value] of textsOf(fields)) {
    if (value.length > 1) clean = clean.replaceAll(value, `[${path}]`);
  }
  return clean;
}

function textsOf(value: object, prefix = ''): [path: string, text: string][] {
  return Object.entries(value)
    .flatMap(([name, member]): [string, string][] => {
      if (typeof member === 'object' && member !== null) return textsOf(member, `${prefix}${name}.`);
      return [[`${prefix}${name}`, String(member)]];
    })
    .sort(([, a], [, b]) => b.length - a.length);
}

/**
 * Applies changes one after the other and stops at the first that DirectScale cannot take now: the sender
 * repeats the whole delivery, and a change that was applied already leaves the customer as it is.
 */
export async function applyAll(changes: readonly Change[], directScale: DirectScale): Promise<Applied[]> {
  const applied: Applied[] = [];
  for (const change of changes) {
    const result = await apply(change, directScale);
    applied.push(result);
    if (isPostponed(result)) break;
  }
  return applied;
}

/** True when the change was not applied but can be later: DirectScale is down, or our key or address is wrong. */
export function isPostponed<Result extends CallResult>(
  result: Result,
): result is Extract<Result, { outcome: 'unavailable' | 'misconfigured' }> {
  return result.outcome === 'unavailable' || result.outcome === 'misconfigured';
}
