import type { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import type { PauseState } from './pause.ts';
import { isMissing, unless } from './storage-errors.ts';

/** Tells the instances that answer requests what those that apply changes wait for. */
export interface PauseReports {
  /** Undefined: no pause. */
  write(state: PauseState | undefined): Promise<void>;
  /** The last pause that an instance reported and that is not over for long. */
  read(now: Date): Promise<PauseState | undefined>;
}

/** No customer id looks like this. */
const keys = { partitionKey: 'relay', rowKey: 'pause' };

/** A pause is prolonged by each probe that fails; one that ended this long ago was left behind by a dead instance. */
const forgottenAfterMs = 5 * 60_000;

const rowSchema = z.object({ reason: z.string(), since: z.iso.datetime(), until: z.iso.datetime() });

export function tablePauseReports(table: TableClient): PauseReports {
  return {
    async write(state) {
      if (state) await table.upsertEntity({ ...keys, ...state }, 'Replace');
      else await unless(isMissing, undefined, () => table.deleteEntity(keys.partitionKey, keys.rowKey));
    },
    async read(now) {
      const row = await unless(isMissing, undefined, () => table.getEntity(keys.partitionKey, keys.rowKey));
      if (!row) return undefined;
      const { reason, since, until } = rowSchema.parse(row);
      return Date.parse(until) + forgottenAfterMs < now.getTime() ? undefined : { reason, since, until };
    },
  };
}
