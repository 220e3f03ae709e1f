import { odata, type TableClient } from '@azure/data-tables';
import { type HandPause, handPauseSchema } from '../record/hand-pause.ts';
import { isMissing, unless } from './storage-errors.ts';

/** What operators have paused. */
export interface HandPauses {
  /** Replaces an earlier one of the same subject. */
  put(pause: HandPause): Promise<void>;
  remove(subject: string): Promise<void>;
  /** Those that hold now; what ended by itself is removed. One call to storage. */
  all(now: Date): Promise<HandPause[]>;
}

const partitionKey = 'paused';

export function tableHandPauses(table: TableClient): HandPauses {
  const remove = async (subject: string): Promise<void> =>
    void (await unless(isMissing, undefined, () => table.deleteEntity(partitionKey, subject)));
  return {
    async put(pause) {
      await table.upsertEntity({ partitionKey, rowKey: pause.subject, ...pause }, 'Replace');
    },
    remove,
    async all(now) {
      const pauses: HandPause[] = [];
      const filter = odata`PartitionKey eq ${partitionKey}`;
      for await (const row of table.listEntities({ queryOptions: { filter } })) {
        const pause = handPauseSchema.parse(row);
        if (!pause.until || Date.parse(pause.until) > now.getTime()) pauses.push(pause);
        else await remove(pause.subject);
      }
      return pauses;
    },
  };
}
