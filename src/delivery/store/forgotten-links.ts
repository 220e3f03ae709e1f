import { odata, type TableClient } from '@azure/data-tables';
import {
  customerPartition,
  forgottenBefore,
  forgottenPartition,
  forgottenRow,
  foundByPartition,
  indexKeys,
  isForgotten,
  linkKeys,
  pointedAt,
  readLinkRow,
} from './link-rows.ts';
import { indexed, linkRowOf, removeRow } from './link-table.ts';
import { isLost, unless } from './storage-errors.ts';

/** See `Links.forgetOf`. */
export async function forgetLinksOf(table: TableClient, customerId: string, at: Date): Promise<number> {
  const partitionKey = customerPartition(customerId);
  let forgotten = 0;
  for await (const record of indexed(table, partitionKey)) {
    const row = await linkRowOf(table, linkKeys(record));
    // By the row's own word: one that cannot be read is forgotten as well.
    if (row?.customerId === customerId) {
      const link = readLinkRow(row);
      if (link && !isForgotten(link) && link.foundBy) {
        await removeRow(table, indexKeys(foundByPartition(link.foundBy), record));
      }
      // First what leads to it by its age, last what leads to it by its customer.
      await table.upsertEntity(indexKeys(forgottenPartition(at), record), 'Replace');
      await table.upsertEntity(forgottenRow(record, at), 'Replace');
      forgotten++;
    }
    await removeRow(table, indexKeys(partitionKey, record));
  }
  return forgotten;
}

/** See `Links.removeForgottenBefore`. */
export async function removeForgottenLinksBefore(table: TableClient, day: Date): Promise<number> {
  const { from, to } = forgottenBefore(day);
  const filter = odata`PartitionKey ge ${from} and PartitionKey lt ${to}`;
  let removed = 0;
  for await (const { partitionKey = '', rowKey = '' } of table.listEntities({ queryOptions: { filter } })) {
    if (await removeForgotten(table, pointedAt(rowKey), day)) removed++;
    await removeRow(table, { partitionKey, rowKey });
  }
  return removed;
}

/** Removes what is still in a link's place; a link that was made since, or was forgotten again, stays. */
async function removeForgotten(
  table: TableClient,
  keys: ReturnType<typeof linkKeys>,
  day: Date,
): Promise<boolean> {
  const row = await linkRowOf(table, keys);
  const found = row && readLinkRow(row);
  if (!isForgotten(found) || Date.parse(found.forgottenAt) >= day.getTime()) return false;
  const done = await unless(isLost, 'lost' as const, () =>
    table.deleteEntity(keys.partitionKey, keys.rowKey, { etag: String(row?.etag) }),
  );
  return done !== 'lost';
}
