import { odata, type TableClient } from '@azure/data-tables';
import * as z from 'zod';
import type { CircuitState } from '../../directscale/circuit-breaker.ts';
import { type HandPause, handPauseSchema } from '../record/hand-pause.ts';
import { isMissing, unless } from './storage-errors.ts';

/** What changes wait for: what operators have paused, and an outage of DirectScale that an instance reported. */
export interface Pauses {
  /** Replaces an earlier one of the same subject. */
  put(pause: HandPause): Promise<void>;
  remove(subject: string): Promise<void>;
  /** Tells the other instances, and health. Undefined: closed. */
  reportCircuit(state: CircuitState | undefined): Promise<void>;
  /** Those that hold now; what operators paused until a time that is over is removed. One call to storage. */
  read(now: Date): Promise<PausesNow>;
}

export interface PausesNow {
  readonly byHand: HandPause[];
  /** The open or half-open circuit that an instance reported last. */
  readonly circuit?: CircuitReport;
}

/** `half-open`: its time is over, and the next call tells whether it closes. */
export type CircuitReport = CircuitState & { readonly state: 'open' | 'half-open' };

const partitionKey = 'paused';

/** No subject of a pause by hand is named like this. */
const circuitKey = 'circuit';

/** Each probe that fails prolongs it; one that nobody prolonged for so long was left behind by an instance that is gone. */
const halfOpenMs = 60_000;

const circuitSchema = z.object({ reason: z.string(), since: z.iso.datetime(), until: z.iso.datetime() });

export function tablePauses(table: TableClient): Pauses {
  const remove = async (rowKey: string): Promise<void> =>
    void (await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, rowKey)));
  return {
    async put(pause) {
      await table.upsertEntity({ partitionKey, rowKey: pause.subject, ...pause }, 'Replace');
    },
    remove,
    async reportCircuit(state) {
      if (state) await table.upsertEntity({ partitionKey, rowKey: circuitKey, ...state }, 'Replace');
      else await remove(circuitKey);
    },
    async read(now) {
      const byHand: HandPause[] = [];
      let circuit: CircuitReport | undefined;
      const filter = odata`PartitionKey eq ${partitionKey}`;
      for await (const row of table.listEntities<{ rowKey?: string }>({ queryOptions: { filter } })) {
        if (row.rowKey === circuitKey) {
          circuit = reportOf(circuitSchema.parse(row), now);
          continue;
        }
        const pause = handPauseSchema.parse(row);
        if (!pause.until || Date.parse(pause.until) > now.getTime()) byHand.push(pause);
        else await remove(pause.subject);
      }
      return { byHand, ...(circuit && { circuit }) };
    },
  };
}

function reportOf(state: CircuitState, now: Date): CircuitReport | undefined {
  const leftMs = Date.parse(state.until) - now.getTime();
  if (leftMs <= -halfOpenMs) return undefined;
  return { ...state, state: leftMs > 0 ? 'open' : 'half-open' };
}
