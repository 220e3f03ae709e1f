import { odata, type TableClient, type TableEntity, type TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import { type FieldStates, fieldStatesSchema } from '../record/position.ts';
import { noWrites, type WriteHistory, writeHistorySchema } from '../record/write-limit.ts';
import { textColumns, textOf } from './columns.ts';
import { type NotedChange, type NotedChanges, notedRow, tableNotedChanges } from './noted-changes.ts';
import { isConflict, isMissing, isOutdated, unless } from './storage-errors.ts';

/** What is known of a customer, and who may write to it now. */
export interface CustomerState {
  readonly fields: FieldStates;
  /** Milliseconds since 1970: until then somebody else applies a change to this customer. 0: nobody. */
  readonly leasedUntil: number;
  readonly writes: WriteHistory;
  /** Milliseconds since 1970: what was received before is forgotten on request, and never applied. 0: nothing is. */
  readonly forgottenAt: number;
  /** Absent: there is no row yet. */
  readonly etag?: string;
}

/**
 * The customers table. One state row per customer; its ETag lets only one instance change it at a time, its lease
 * keeps the others away while a call to DirectScale is under way. Beside it the index of the customer's changes.
 */
export interface CustomerStates extends NotedChanges {
  read(customerId: string): Promise<CustomerState>;
  /**
   * Writes the state if nobody else did since it was read, and notes in the same step that a change concerns the
   * customer. Returns the new ETag, or undefined if somebody was faster.
   */
  write(
    customerId: string,
    state: Omit<CustomerState, 'etag'>,
    etag: string | undefined,
    noted?: NotedChange,
  ): Promise<string | undefined>;
  /** Deletes everything that is kept of a customer, but that it was forgotten. */
  forget(customerId: string, forgottenAt: Date): Promise<void>;
  /** Deletes the rows that only say that a customer was forgotten before a day; returns how many. */
  removeForgottenBefore(day: Date): Promise<number>;
}

const stateRow = 'state';
const writesSchema = z.string().transform((text) => writeHistorySchema.parse(JSON.parse(text)));

const nothing: CustomerState = { fields: {}, leasedUntil: 0, writes: noWrites, forgottenAt: 0 };

export function tableCustomerStates(table: TableClient): CustomerStates {
  const noted = tableNotedChanges(table);

  return {
    ...noted,

    async read(customerId) {
      const row = await unless(isMissing, undefined, () => table.getEntity(customerId, stateRow));
      return row ? stateOf(row) : nothing;
    },

    async write(customerId, state, etag, change) {
      const row = rowOf(customerId, state);
      const lost = (error: unknown) => isConflict(error) || isOutdated(error) || isMissing(error);
      if (change === undefined) {
        const written = await unless(lost, undefined, () =>
          etag ? table.updateEntity(row, 'Replace', { etag }) : table.createEntity(row),
        );
        return written?.etag;
      }
      const actions: TransactionAction[] = [
        etag ? ['update', row, 'Replace', { etag }] : ['create', row],
        ['upsert', notedRow(customerId, change), 'Replace'],
      ];
      const written = await unless(lost, undefined, () => table.submitTransaction(actions));
      // Answers come in the order of the actions; only those to insertions name their row.
      return written?.subResponses[0]?.etag;
    },

    async forget(customerId, forgottenAt) {
      for (const change of await noted.changesOf(customerId)) await noted.unnote(customerId, change);
      const row = rowOf(customerId, { ...nothing, forgottenAt: forgottenAt.getTime() });
      await table.upsertEntity({ ...row, isForgotten: true }, 'Replace');
    },

    async removeForgottenBefore(day) {
      const filter = odata`isForgotten eq true and Timestamp lt ${day}`;
      const rows = table.listEntities<TableEntity>({
        queryOptions: { filter, select: ['partitionKey', 'rowKey'] },
      });
      let removed = 0;
      for await (const { partitionKey, rowKey } of rows) {
        await unless(isMissing, undefined, () => table.deleteEntity(String(partitionKey), String(rowKey)));
        removed++;
      }
      return removed;
    },
  };
}

function rowOf(
  customerId: string,
  { fields, writes, leasedUntil, forgottenAt }: Omit<CustomerState, 'etag'>,
) {
  return {
    partitionKey: customerId,
    rowKey: stateRow,
    ...textColumns('fields', JSON.stringify(fields)),
    writes: JSON.stringify(writes),
    leasedUntil: { type: 'Int64', value: String(leasedUntil) },
    ...(forgottenAt > 0 && { forgottenAt: { type: 'Int64', value: String(forgottenAt) } }),
  };
}

function stateOf(row: object): CustomerState {
  return {
    fields: fieldStatesSchema.parse(JSON.parse(textOf('fields', row))),
    writes: writesSchema.parse(Reflect.get(row, 'writes')),
    leasedUntil: Number(Reflect.get(row, 'leasedUntil')),
    forgottenAt: Number(Reflect.get(row, 'forgottenAt') ?? 0),
    etag: String(Reflect.get(row, 'etag')),
  };
}
