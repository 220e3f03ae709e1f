import type { TableClient } from '@azure/data-tables';
import { odata, type TableEntity } from '@azure/data-tables';
import { isConflict, isMissing, unless } from './storage-errors.ts';

/** Which deliveries were seen, by the identity that every repeat of them has. */
export interface SeenDeliveries {
  /**
   * Notes a delivery. For one that was seen before: the id that it got then, and whether it is safe (in the queue, or done).
   */
  add(identity: string, deliveryId: string): Promise<{ deliveryId: string; isSafe: boolean }>;
  /** Notes that a delivery is safe: a repeat of it needs no more work. */
  markSafe(identity: string): Promise<void>;
  removeBefore(day: Date): Promise<number>;
}

const keys = (identity: string) => ({ partitionKey: identity.slice(0, 2), rowKey: identity });

export function tableSeenDeliveries(table: TableClient): SeenDeliveries {
  return {
    async add(identity, deliveryId) {
      const row = { ...keys(identity), deliveryId, isSafe: false };
      const created = await unless(isConflict, undefined, () => table.createEntity(row));
      if (created) return { deliveryId, isSafe: false };
      const { partitionKey, rowKey } = keys(identity);
      const seen = await unless(isMissing, undefined, () =>
        table.getEntity<{ deliveryId: string; isSafe: boolean }>(partitionKey, rowKey),
      );
      // Deleted by retention between the two calls: then it is new again.
      if (!seen) return this.add(identity, deliveryId);
      return { deliveryId: seen.deliveryId, isSafe: seen.isSafe };
    },

    async markSafe(identity) {
      await table.updateEntity({ ...keys(identity), isSafe: true }, 'Merge');
    },

    async removeBefore(day) {
      const filter = odata`Timestamp lt ${day}`;
      let removed = 0;
      for await (const row of table.listEntities<TableEntity>({ queryOptions: { filter } })) {
        await unless(isMissing, undefined, () =>
          table.deleteEntity(String(row.partitionKey), String(row.rowKey)),
        );
        removed++;
      }
      return removed;
    },
  };
}
