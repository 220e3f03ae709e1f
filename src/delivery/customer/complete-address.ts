import {
  type Address,
  type AddressField,
  addressProperties,
  addressSchema,
  type ChangedAddress,
} from '../../domain/address.ts';
import { isSameValue } from '../record/same-value.ts';

/** A whole address, or the properties that nobody could give. */
export type Completed = { readonly address: Address } | { readonly missing: readonly (keyof Address)[] };

/**
 * The whole address that a change of some of its properties makes of the current one.
 *
 * What may be completed: anything but a move. When the region or the country becomes another one, the old street is not
 * in the new place: then the change must bring the whole address, of which only `Street2` may be absent (it is empty then,
 * not the old one).
 */
export function completeAddress(
  field: AddressField,
  changed: ChangedAddress,
  current: Partial<Record<keyof Address, string>>,
): Completed {
  const moves = (['Region', 'CountryCode'] as const).some((property) => {
    const [wanted, held] = [changed[property], current[property]];
    return wanted !== undefined && held && !isSameValue(`${field}.${property}`, wanted, held);
  });
  const rest = moves ? { Street2: '' } : { ...current, Street2: current.Street2 ?? '' };
  const parsed = addressSchema.safeParse({ ...rest, ...changed });
  if (parsed.success) return { address: parsed.data };
  const missing = new Set(parsed.error.issues.map(({ path }) => path[0]));
  return { missing: addressProperties.filter((property) => missing.has(property)) };
}
