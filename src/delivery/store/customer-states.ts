import { odata, type TableClient, type TableEntity } from '@azure/data-tables';
import * as z from 'zod';
import type { FieldStates } from '../customer/ordering.ts';
import { noWrites, type WriteHistory } from '../customer/write-limit.ts';
import { dayOf } from '../record/delivery-id.ts';
import { isConflict, isMissing, isOutdated, unless } from './storage-errors.ts';

/** What is known of a customer, and who may write to her now. */
export interface CustomerState {
  readonly fields: FieldStates;
  /** Milliseconds since 1970: until then somebody else applies a change to this customer. 0: nobody. */
  readonly leasedUntil: number;
  readonly writes: WriteHistory;
  /** Absent: there is no row yet. */
  readonly etag?: string;
}

/**
 * The customers table. One state row per customer; its ETag lets only one instance change it at a time, its lease
 * keeps the others away while a call to DirectScale is under way. Beside it an index of the customer's deliveries.
 */
export interface CustomerStates {
  read(customerId: string): Promise<CustomerState>;
  /** Writes the state if nobody else did since it was read. Returns the new ETag, or undefined. */
  write(
    customerId: string,
    state: Omit<CustomerState, 'etag'>,
    etag: string | undefined,
  ): Promise<string | undefined>;
  /** Notes that a delivery concerns a customer. */
  addDelivery(customerId: string, deliveryId: string): Promise<void>;
  /** The customer's deliveries, newest first. */
  deliveriesOf(customerId: string): Promise<string[]>;
  /** Deletes everything that is kept of a customer. */
  remove(customerId: string): Promise<void>;
  /** Forgets the deliveries received before a day, but none of `kept`; returns how many. */
  removeDeliveriesBefore(day: Date, kept: ReadonlySet<string>): Promise<number>;
}

const stateRow = 'state';
const deliveryRow = (deliveryId: string) => `d${deliveryId}`;

const positionSchema = z.object({ occurredAt: z.number(), receivedAt: z.number(), changeId: z.string() });
const fieldsSchema = z.record(
  z.string(),
  z.object({
    applied: positionSchema.exactOptional(),
    hash: z.string().exactOptional(),
    inDoubt: positionSchema.exactOptional(),
  }),
);

const writesSchema = z.object({
  countedSince: z.number(),
  writes: z.number(),
  pausedUntil: z.number(),
  pauses: z.number(),
});

export function tableCustomerStates(table: TableClient): CustomerStates {
  return {
    async read(customerId) {
      const row = await unless(isMissing, undefined, () =>
        table.getEntity<{ fields: string; leasedUntil: number; writes: string }>(customerId, stateRow),
      );
      if (!row) return { fields: {}, leasedUntil: 0, writes: noWrites };
      const fields = fieldsSchema.parse(JSON.parse(row.fields));
      const writes = writesSchema.parse(JSON.parse(row.writes));
      return { fields, leasedUntil: Number(row.leasedUntil), writes, etag: row.etag };
    },

    async write(customerId, { fields, leasedUntil, writes }, etag) {
      const row = {
        partitionKey: customerId,
        rowKey: stateRow,
        fields: JSON.stringify(fields),
        writes: JSON.stringify(writes),
        leasedUntil: { type: 'Int64', value: String(leasedUntil) },
      };
      const lost = (error: unknown) => isConflict(error) || isOutdated(error) || isMissing(error);
      const written = await unless(lost, undefined, () =>
        etag ? table.updateEntity(row, 'Replace', { etag }) : table.createEntity(row),
      );
      return written?.etag;
    },

    async addDelivery(customerId, deliveryId) {
      await table.upsertEntity({ partitionKey: customerId, rowKey: deliveryRow(deliveryId) }, 'Replace');
    },

    async deliveriesOf(customerId) {
      const filter = odata`PartitionKey eq ${customerId} and RowKey ge ${'d'} and RowKey lt ${'e'}`;
      const ids: string[] = [];
      for await (const { rowKey } of table.listEntities<TableEntity>({
        queryOptions: { filter, select: ['rowKey'] },
      })) {
        if (rowKey) ids.push(rowKey.slice(1));
      }
      return ids.reverse();
    },

    async removeDeliveriesBefore(day, kept) {
      const filter = odata`RowKey ge ${'d'} and RowKey lt ${deliveryRow(dayOf(day))}`;
      let removed = 0;
      for await (const row of table.listEntities<TableEntity>({
        queryOptions: { filter, select: ['partitionKey', 'rowKey'] },
      })) {
        if (kept.has(String(row.rowKey).slice(1))) continue;
        await unless(isMissing, undefined, () =>
          table.deleteEntity(String(row.partitionKey), String(row.rowKey)),
        );
        removed++;
      }
      return removed;
    },

    async remove(customerId) {
      const filter = odata`PartitionKey eq ${customerId}`;
      for await (const { rowKey } of table.listEntities<TableEntity>({
        queryOptions: { filter, select: ['rowKey'] },
      })) {
        if (rowKey) await unless(isMissing, undefined, () => table.deleteEntity(customerId, rowKey));
      }
    },
  };
}
