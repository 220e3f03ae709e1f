import type { Address, AddressField } from '../../domain/address.ts';
import type { AddressedChange } from '../../domain/change.ts';
import type { CustomerPatch } from '../../domain/customer-patch.ts';
import { type FieldValue, pick } from '../../domain/field-paths.ts';
import type { Wanted } from '../record/field-states.ts';

export const isCustomField = (path: string): boolean => path.startsWith('AssociateCustom.');

/**
 * The body of the call that sends these fields of a change: an address whole, as `addresses` has it, and with a custom
 * field all that DirectScale holds, by path in `held`.
 */
export function patchOf(
  change: AddressedChange,
  sent: readonly Wanted[],
  addresses: { readonly [Field in AddressField]?: Address },
  held: ReadonlyMap<string, FieldValue>,
): CustomerPatch {
  const paths = sent.map(({ path }) => path);
  const {
    PrimaryAddress: _,
    DefaultShippingAddress: __,
    AssociateCustom,
    ...plain
  } = pick(change.fields, paths);
  const isSent = (field: AddressField) => paths.some((path) => path.startsWith(`${field}.`));
  const { PrimaryAddress, DefaultShippingAddress } = addresses;
  // Whether DirectScale keeps a FieldN that a PATCH leaves out is not documented.
  const custom = AssociateCustom && { AssociateCustom: { ...customFieldsIn(held), ...AssociateCustom } };
  return {
    ...plain,
    ...(PrimaryAddress && isSent('PrimaryAddress') && { PrimaryAddress }),
    ...(DefaultShippingAddress && isSent('DefaultShippingAddress') && { DefaultShippingAddress }),
    ...custom,
  };
}

function customFieldsIn(held: ReadonlyMap<string, FieldValue>): Record<string, string> {
  return Object.fromEntries(
    [...held].flatMap(([path, value]) =>
      isCustomField(path) ? [[path.slice(path.indexOf('.') + 1), String(value)]] : [],
    ),
  );
}
