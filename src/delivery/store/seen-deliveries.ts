import { odata, type TableClient, type TableEntity } from '@azure/data-tables';
import { hashInId } from '../record/delivery-id.ts';
import { isConflict, isMissing, unless } from './storage-errors.ts';

/** Which delivery an identity belongs to. */
export interface Claim {
  /** That of the delivery which came first. */
  readonly deliveryId: string;
  /** True: nobody had claimed the identity before. */
  readonly isNew: boolean;
  /** True: what this delivery said is forgotten on request. */
  readonly isForgotten: boolean;
}

/** Which deliveries were seen, by the identity that every repeat of them has. */
export interface SeenDeliveries {
  /** Claims an identity for a delivery; the first one has it for good. */
  claim(identity: string, deliveryId: string): Promise<Claim>;
  /** The claim on the identity that a delivery id belongs to; undefined: nobody has read the delivery yet. */
  claimOf(deliveryId: string): Promise<Claim | undefined>;
  /** Notes that what a delivery said is forgotten. */
  markForgotten(deliveryId: string): Promise<void>;
  removeBefore(day: Date): Promise<number>;
}

const keys = (identity: string) => ({ partitionKey: identity.slice(0, 2), rowKey: identity });

export function tableSeenDeliveries(table: TableClient): SeenDeliveries {
  /** The rows whose identity begins with the part that a delivery id holds: one, but for a collision of hashes. */
  async function rowsOf(deliveryId: string): Promise<object[]> {
    const prefix = hashInId(deliveryId);
    const filter = odata`PartitionKey eq ${prefix.slice(0, 2)} and RowKey ge ${prefix} and RowKey lt ${`${prefix}g`}`;
    const rows: object[] = [];
    for await (const row of table.listEntities({ queryOptions: { filter } })) rows.push(row);
    return rows;
  }

  return {
    async claim(identity, deliveryId) {
      const created = await unless(isConflict, undefined, () =>
        table.createEntity({ ...keys(identity), deliveryId }),
      );
      if (created) return { deliveryId, isNew: true, isForgotten: false };
      const { partitionKey, rowKey } = keys(identity);
      const row = await unless(isMissing, undefined, () => table.getEntity(partitionKey, rowKey));
      // Deleted by retention between the two calls: then it is new again.
      return row ? claimIn(row) : this.claim(identity, deliveryId);
    },

    async claimOf(deliveryId) {
      const [row] = await rowsOf(deliveryId);
      return row && claimIn(row);
    },

    async markForgotten(deliveryId) {
      for (const row of await rowsOf(deliveryId)) {
        const { partitionKey, rowKey } = row as TableEntity; // every row has its keys
        await unless(isMissing, undefined, () =>
          table.updateEntity(
            { partitionKey: String(partitionKey), rowKey: String(rowKey), isForgotten: true },
            'Merge',
          ),
        );
      }
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

function claimIn(row: object): Claim {
  return {
    deliveryId: String(Reflect.get(row, 'deliveryId')),
    isNew: false,
    isForgotten: Reflect.get(row, 'isForgotten') === true,
  };
}
