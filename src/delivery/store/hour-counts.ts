import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { partitionOf } from '../record/delivery-id.ts';
import { type HourCounts, hourCountsSchema } from '../record/hour-counts.ts';
import { isMissing, unless } from './storage-errors.ts';

/** An hour that is over, as it was counted. */
export interface SummedHour {
  /** When it began: ISO 8601. */
  readonly hour: string;
  /** When it was counted: ISO 8601. */
  readonly summedAt: string;
  /** By source; empty: nothing was received. */
  readonly counts: readonly HourCounts[];
}

/** The counts of hours that are over. */
export interface SummedHours {
  /** Those that began at this time or later. */
  since(hour: Date): Promise<SummedHour[]>;
  /** Replaces what was counted before. */
  put(hour: SummedHour): Promise<void>;
  /** Deletes the hours before a day; returns how many rows. */
  removeBefore(day: Date): Promise<number>;
}

/** The row that says that the hour was counted; no source has such a name. */
const summedRow = '~';
/** A transaction holds at most 100 rows. */
const transactionRows = 100;

const partition = (hour: string): string => `counts-${partitionOf(new Date(hour))}`;

interface CountRow {
  readonly partitionKey?: string;
  readonly rowKey?: string;
  readonly hour: string;
  readonly summedAt: string;
  readonly counts?: string;
}

export function tableSummedHours(table: TableClient): SummedHours {
  return {
    async since(hour) {
      // Hours count down in the key.
      const filter = odata`PartitionKey ge ${'counts-'} and PartitionKey le ${partition(hour.toISOString())}`;
      const hours = new Map<string, { hour: string; summedAt: string; counts: HourCounts[] }>();
      for await (const row of table.listEntities<CountRow>({ queryOptions: { filter } })) {
        const summed = hours.get(row.hour) ?? { hour: row.hour, summedAt: row.summedAt, counts: [] };
        hours.set(row.hour, summed);
        if (row.counts !== undefined) summed.counts.push(hourCountsSchema.parse(JSON.parse(row.counts)));
      }
      return [...hours.values()];
    },

    async put({ hour, summedAt, counts }) {
      const keys = { partitionKey: partition(hour), hour, summedAt };
      const rows = [
        ...counts.map((one) => ({ ...keys, rowKey: one.source, counts: JSON.stringify(one) })),
        // Last: an hour that has it is there whole.
        { ...keys, rowKey: summedRow },
      ];
      for (let start = 0; start < rows.length; start += transactionRows) {
        const actions = rows
          .slice(start, start + transactionRows)
          .map((row): TransactionAction => ['upsert', row, 'Replace']);
        await table.submitTransaction(actions);
      }
    },

    async removeBefore(day) {
      const filter = odata`PartitionKey gt ${partition(day.toISOString())} and PartitionKey lt ${'counts-:'}`;
      let removed = 0;
      for await (const { partitionKey = '', rowKey = '' } of table.listEntities<CountRow>({
        queryOptions: { filter, select: ['partitionKey', 'rowKey'] },
      })) {
        await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey));
        removed++;
      }
      return removed;
    },
  };
}
