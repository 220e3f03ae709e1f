import { odata, type TableClient } from '@azure/data-tables';
import { isMissing, unless } from './storage-errors.ts';

/** The customers that were written to too often. */
export interface CustomerPauses {
  /** Notes that nobody writes to a customer until then. */
  put(customerId: string, until: Date): Promise<void>;
  remove(customerId: string): Promise<void>;
  /** The customers that nobody writes to now, at most 100. */
  all(now: Date): Promise<CustomerPause[]>;
}

/** A customer that was written to too often: two systems seem to overwrite each other. */
export interface CustomerPause {
  readonly customerId: string;
  /** ISO 8601. */
  readonly until: string;
}

const maxCustomersRead = 100;

/** No customer id looks like this. */
const partitionKey = 'relay-paused';

export function tableCustomerPauses(table: TableClient): CustomerPauses {
  return {
    async put(customerId, until) {
      await table.upsertEntity({ partitionKey, rowKey: customerId, until: until.toISOString() }, 'Replace');
    },
    async remove(customerId) {
      await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, customerId));
    },
    async all(now) {
      const paused: CustomerPause[] = [];
      const filter = odata`PartitionKey eq ${partitionKey}`;
      for await (const { rowKey = '', until } of table.listEntities<{ rowKey?: string; until: string }>({
        queryOptions: { filter },
      })) {
        if (Date.parse(until) > now.getTime()) paused.push({ customerId: rowKey, until });
        else await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey));
        if (paused.length === maxCustomersRead) break;
      }
      return paused;
    },
  };
}
