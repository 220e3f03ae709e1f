import {
  type Address,
  type AddressField,
  addressProperties,
  addressSchema,
  type ChangedAddress,
  wronglyEmptyParts,
} from '../../domain/address.ts';
import type { FieldValue } from '../../domain/field-paths.ts';
import { isSameValue } from '../record/same-value.ts';

/** A whole address, or the properties that nobody could give. */
export type Completed = { readonly address: Address } | { readonly missing: readonly (keyof Address)[] };

/** What says where a place is, and what of it follows from the rest. */
const locality = ['City', 'Region', 'PostalCode', 'CountryCode'] as const;
const inferable: readonly (keyof Address)[] = ['City', 'Region', 'CountryCode'];

/** What may be empty: `Street2` always, the others where addresses of the country do without them. */
const emptyParts = { Street2: '', City: '', Region: '', PostalCode: '' };

const given = (address: Partial<Record<keyof Address, string | undefined>>) =>
  Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined));

/**
 * The whole address that a change of some of its properties makes of the current one.
 *
 * What may be completed: anything but a move. When the region or the country becomes another one, the old street is not
 * in the new place: then the change must bring the whole address, of which `Street2` may be absent (it is empty then, not
 * the old one), and the country, which did not change if the change does not say so.
 *
 * `unusable` names the properties that the change brings but that nobody can read. Such a property is taken from the
 * current address if everything else that says where the place is remained the same; else it is missing.
 */
export function completeAddress(
  field: AddressField,
  changed: ChangedAddress,
  current: Partial<Record<keyof Address, string>>,
  unusable: readonly (keyof Address)[] = [],
): Completed {
  const differs = (property: keyof Address): boolean => {
    const [wanted, held] = [changed[property], current[property]];
    return wanted !== undefined && Boolean(held) && !isSameValue(`${field}.${property}`, wanted, held);
  };
  // What is held may be the region of a place of which DirectScale holds no more than that.
  const isHeld = unusable.some((property) => current[property]);
  const isNew = (property: keyof Address): boolean => Boolean(changed[property]) && !current[property];
  const isInferable =
    unusable.every((property) => inferable.includes(property)) &&
    !locality.some((property) => differs(property) || (isHeld && isNew(property)));
  if (unusable.length > 0 && !isInferable) return { missing: unusable };
  const moves = differs('Region') || differs('CountryCode');
  const { CountryCode } = current;
  const rest = moves ? { Street2: '', ...given({ CountryCode }) } : { ...emptyParts, ...given(current) };
  const whole = { ...rest, ...given(changed) };
  const parsed = addressSchema.safeParse(whole);
  if (parsed.success) return { address: parsed.data };
  // A part that is missing altogether keeps the schema from looking at those that are empty.
  const missing = new Set([...parsed.error.issues.map(({ path }) => path[0]), ...wronglyEmptyParts(whole)]);
  return { missing: addressProperties.filter((property) => missing.has(property)) };
}

/** What is known of an address, of values by path. */
export function addressIn(
  held: ReadonlyMap<string, FieldValue>,
  field: AddressField,
): Partial<Record<keyof Address, string>> {
  return Object.fromEntries(
    addressProperties.flatMap((property) => {
      const value = held.get(`${field}.${property}`);
      return value === undefined ? [] : [[property, String(value)]];
    }),
  );
}

/** The properties of an address that are wanted. */
export function pickAddress(
  address: ChangedAddress,
  isWanted: (property: keyof Address) => boolean,
): ChangedAddress {
  return Object.fromEntries(
    addressProperties.flatMap((property) => (isWanted(property) ? [[property, address[property]]] : [])),
  );
}
