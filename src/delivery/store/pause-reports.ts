import { odata, type TableClient } from '@azure/data-tables';
import * as z from 'zod';
import type { CircuitState } from '../../directscale/circuit-breaker.ts';
import { isMissing, unless } from './storage-errors.ts';

/** Tells the instances that answer requests what those that apply changes wait for. */
export interface PauseReports {
  /** Undefined: closed. */
  write(state: CircuitState | undefined): Promise<void>;
  /** The open or half-open circuit that an instance reported last. */
  read(now: Date): Promise<CircuitReport | undefined>;
  /** Notes that nobody writes to a customer until then. */
  writeCustomer(customerId: string, until: Date): Promise<void>;
  removeCustomer(customerId: string): Promise<void>;
  /** The customers that nobody writes to now, at most 100. */
  readCustomers(now: Date): Promise<CustomerPause[]>;
}

/** `half-open`: its time is over, and the next call tells whether it closes. */
export type CircuitReport = CircuitState & { readonly state: 'open' | 'half-open' };

/** A customer that was written to too often: two systems seem to overwrite each other. */
export interface CustomerPause {
  readonly customerId: string;
  /** ISO 8601. */
  readonly until: string;
}

const maxCustomersRead = 100;
const customersPartition = 'relay-paused';

/** No customer id looks like this. */
const keys = { partitionKey: 'relay', rowKey: 'pause' };

/** Each probe that fails prolongs it; one that nobody prolonged for so long was left behind by an instance that is gone. */
const halfOpenMs = 60_000;

const rowSchema = z.object({ reason: z.string(), since: z.iso.datetime(), until: z.iso.datetime() });

export function tablePauseReports(table: TableClient): PauseReports {
  return {
    async write(state) {
      if (state) await table.upsertEntity({ ...keys, ...state }, 'Replace');
      else await unless(isMissing, undefined, () => table.deleteEntity(keys.partitionKey, keys.rowKey));
    },
    async writeCustomer(customerId, until) {
      await table.upsertEntity(
        { partitionKey: customersPartition, rowKey: customerId, until: until.toISOString() },
        'Replace',
      );
    },
    async removeCustomer(customerId) {
      await unless(isMissing, undefined, () => table.deleteEntity(customersPartition, customerId));
    },
    async readCustomers(now) {
      const paused: CustomerPause[] = [];
      const filter = odata`PartitionKey eq ${customersPartition}`;
      for await (const { rowKey = '', until } of table.listEntities<{ rowKey?: string; until: string }>({
        queryOptions: { filter },
      })) {
        if (Date.parse(until) > now.getTime()) paused.push({ customerId: rowKey, until });
        else await unless(isMissing, undefined, () => table.deleteEntity(customersPartition, rowKey));
        if (paused.length === maxCustomersRead) break;
      }
      return paused;
    },
    async read(now) {
      const row = await unless(isMissing, undefined, () => table.getEntity(keys.partitionKey, keys.rowKey));
      if (!row) return undefined;
      const { reason, since, until } = rowSchema.parse(row);
      const leftMs = Date.parse(until) - now.getTime();
      if (leftMs <= -halfOpenMs) return undefined;
      return { state: leftMs > 0 ? 'open' : 'half-open', reason, since, until };
    },
  };
}
