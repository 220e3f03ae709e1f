import type { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { type Limits, type Share, shareSchema, withShareOf } from '../../directscale/share.ts';
import { isConflict, isMissing, isOutdated, unless } from './storage-errors.ts';

/** Divides the budget for calls to DirectScale among the instances. */
export interface BudgetShares {
  /** Leases a share for an instance. Throws what storage throws. */
  lease(instance: string, limits: Limits, now: number): Promise<Share>;
}

/** No customer id looks like this. */
const keys = { partitionKey: 'relay', rowKey: 'budget' };
const rowSchema = z.object({ etag: z.string(), shares: z.string() });
const sharesSchema = z.array(shareSchema);

export function tableBudgetShares(table: TableClient): BudgetShares {
  return {
    async lease(instance, limits, now) {
      for (;;) {
        const found = await unless(isMissing, undefined, () =>
          table.getEntity(keys.partitionKey, keys.rowKey),
        );
        const row = found && rowSchema.parse(found);
        const before = row ? sharesSchema.parse(JSON.parse(row.shares)) : [];
        const { mine, shares } = withShareOf(instance, before, limits, now);
        const entity = { ...keys, shares: JSON.stringify(shares) };
        const wrote = await unless(
          (error) => isOutdated(error) || isConflict(error),
          undefined,
          () =>
            row ? table.updateEntity(entity, 'Replace', { etag: row.etag }) : table.createEntity(entity),
        );
        // Another instance was faster: its share counts now.
        if (wrote) return mine;
      }
    },
  };
}
