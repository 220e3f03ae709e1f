import type { Change } from '../domain/change.ts';

/**
 * Makes several changes to one customer one: the newest value of each field, ties by position in the delivery.
 * The customers keep the order in which they first appear.
 */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const byCustomer = Map.groupBy(changes, ({ customer }) => customer.customerId);
  return [...byCustomer.values()].map((same) =>
    same
      .toSorted((a, b) => a.occurredAt.localeCompare(b.occurredAt))
      .reduce((older, newer) => ({
        ...newer,
        fields: {
          ...older.fields,
          ...newer.fields,
          ...((older.fields.AssociateCustom || newer.fields.AssociateCustom) && {
            AssociateCustom: { ...older.fields.AssociateCustom, ...newer.fields.AssociateCustom },
          }),
        },
      })),
  );
}
