import type { CustomerPatch } from './customer-patch.ts';

/**
 * A patch cut into its fields by path (`FirstName`, `PrimaryAddress`, `AssociateCustom.Field1`): each custom field
 * for itself, an address as a whole. What is ordered, compared and dropped is one of these.
 */
export function fieldsOf(patch: CustomerPatch): [path: string, value: unknown][] {
  const { AssociateCustom = {}, ...fields } = patch;
  return [
    ...Object.entries(fields),
    ...Object.entries(AssociateCustom).map(([name, value]): [string, unknown] => [
      `AssociateCustom.${name}`,
      value,
    ]),
  ];
}

/** The part of a patch that the paths name. */
export function pick(patch: CustomerPatch, paths: readonly string[]): CustomerPatch {
  const { AssociateCustom, ...fields } = patch;
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => paths.includes(name)));
  const custom = Object.entries(AssociateCustom ?? {}).filter(([name]) =>
    paths.includes(`AssociateCustom.${name}`),
  );
  return { ...kept, ...(custom.length > 0 && { AssociateCustom: Object.fromEntries(custom) }) };
}
