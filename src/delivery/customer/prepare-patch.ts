import type { DirectScale, Failure } from '../../directscale/client.ts';
import {
  type Address,
  type AddressField,
  addressFields,
  addressProperties,
  type ChangedAddress,
} from '../../domain/address.ts';
import type { AddressedChange } from '../../domain/change.ts';
import { type CustomerPatch, dangerousFields } from '../../domain/customer-patch.ts';
import { fieldsOf, pick } from '../../domain/field-paths.ts';
import { isSameValue } from '../record/same-value.ts';
import { completeAddress } from './complete-address.ts';
import { type CurrentValues, type Needed, readCurrentValues } from './current-values.ts';
import type { Decision, FieldStates, Wanted } from './ordering.ts';

/** What one PATCH is to hold. */
export type Prepared =
  | {
      readonly type: 'ready';
      /** Absent: DirectScale holds every value already. */
      readonly patch?: CustomerPatch;
      readonly sent: readonly Wanted[];
      /** DirectScale holds these values already. */
      readonly held: readonly Wanted[];
    }
  /** Part of an address changed, and nobody knows the rest. By path. */
  | { readonly type: 'incomplete'; readonly missing: readonly string[] }
  /** The customer could not be read. */
  | { readonly type: 'failure'; readonly failure: Failure };

/**
 * The PATCH for what is to be sent of a change: addresses completed, custom fields with those that the change does not
 * name, without what DirectScale holds already. Reads the customer once at most, and only where it is needed. To be
 * called under the customer's lease. Rejects with what reading the subscription key throws.
 */
export async function preparePatch(
  change: AddressedChange,
  decision: Decision,
  before: FieldStates,
  directScale: DirectScale,
): Promise<Prepared> {
  const paths = new Set([...decision.send, ...decision.unchanged].map(({ path }) => path));
  const needed = neededFor(decision.send, paths, before);
  const read = await readCurrentValues(change.customer.customerId, needed, directScale);
  if ('failure' in read) return { type: 'failure', failure: read.failure };

  const values = new Map(fieldsOf(change.fields));
  const held = decision.send.filter(({ path }) => {
    const wanted = values.get(path);
    // A call in doubt may still be under way: what is held now may be gone in a moment.
    return !before[path]?.inDoubt && wanted !== undefined && isSameValue(path, wanted, read.values.get(path));
  });
  const sent = decision.send.filter((field) => !held.includes(field));
  if (sent.length === 0) return { type: 'ready', sent, held };

  const {
    PrimaryAddress: _,
    DefaultShippingAddress: __,
    AssociateCustom,
    ...plain
  } = pick(
    change.fields,
    sent.map(({ path }) => path),
  );
  const addresses: { [Field in AddressField]?: Address } = {};
  const missing: string[] = [];
  for (const field of addressFields.filter((field) => holdsPartOf(field, sent))) {
    const fresh = pickAddress(change.fields[field] ?? {}, (property) => paths.has(`${field}.${property}`));
    const completed = completeAddress(field, fresh, addressIn(read.values, field));
    if ('address' in completed) addresses[field] = completed.address;
    else missing.push(...completed.missing.map((property) => `${field}.${property}`));
  }
  if (missing.length > 0) return { type: 'incomplete', missing };
  // Whether DirectScale keeps a FieldN that a PATCH leaves out is not documented.
  const custom = AssociateCustom && {
    AssociateCustom: { ...customFieldsIn(read.values), ...AssociateCustom },
  };
  return { type: 'ready', patch: { ...plain, ...addresses, ...custom }, sent, held };
}

const isCustomField = (path: string): boolean => path.startsWith('AssociateCustom.');
const isDangerous = (path: string): boolean => dangerousFields.some((field) => field === path);

function neededFor(send: readonly Wanted[], paths: ReadonlySet<string>, before: FieldStates): Needed {
  const isPartial = addressFields.some(
    (field) =>
      holdsPartOf(field, send) && !addressProperties.every((property) => paths.has(`${field}.${property}`)),
  );
  // Nothing was ever written to these by us: DirectScale may hold the value all the same.
  const isUnknown = send.some(
    ({ path }) => !isCustomField(path) && !isDangerous(path) && !before[path]?.hash && !before[path]?.inDoubt,
  );
  return {
    record: isPartial ? 'must' : isUnknown ? 'may' : 'no',
    customFields: send.some(({ path }) => isCustomField(path)),
  };
}

function holdsPartOf(field: AddressField, wanted: readonly Wanted[]): boolean {
  return wanted.some(({ path }) => path.startsWith(`${field}.`));
}

function addressIn(values: CurrentValues, field: AddressField): Partial<Record<keyof Address, string>> {
  return Object.fromEntries(
    addressProperties.flatMap((property) => {
      const value = values.get(`${field}.${property}`);
      return value === undefined ? [] : [[property, String(value)]];
    }),
  );
}

function pickAddress(
  address: ChangedAddress,
  isWanted: (property: keyof Address) => boolean,
): ChangedAddress {
  return Object.fromEntries(
    addressProperties.flatMap((property) => (isWanted(property) ? [[property, address[property]]] : [])),
  );
}

function customFieldsIn(values: CurrentValues): Record<string, string> {
  return Object.fromEntries(
    [...values].flatMap(([path, value]) =>
      isCustomField(path) ? [[path.slice(path.indexOf('.') + 1), String(value)]] : [],
    ),
  );
}
