import type { TableClient, TableEntity, TransactionAction } from '@azure/data-tables';
import { createSharedWrite } from '../../lib/shared-write.ts';
import { isLost, unless } from './storage-errors.ts';

/** A transaction holds at most 100 rows of one partition; each row here is small. */
const transactionRows = 100;

type OpenRow = TableEntity<Record<string, unknown>>;

/** Writes copies of records and their confirmations; those that come at the same moment share a transaction. */
export function openCopies(table: TableClient) {
  const put = createSharedWrite<OpenRow, ReadonlyMap<OpenRow, string | undefined>>(groupsOf, async (rows) => {
    const [only] = rows;
    if (only && rows.length === 1) return new Map([[only, (await table.upsertEntity(only, 'Replace')).etag]]);
    // The SDK's type of a transaction's rows is narrower than what it takes.
    const actions = rows.map((row): TransactionAction => ['upsert', row as TableEntity, 'Replace']);
    const { subResponses } = await table.submitTransaction(actions);
    // Answers come in the order of the actions.
    return new Map(rows.map((row, place) => [row, subResponses[place]?.etag]));
  });

  const confirmOne = ({ partitionKey, rowKey, etag }: Confirmable): Promise<unknown> =>
    unless(isLost, undefined, () =>
      table.updateEntity({ partitionKey, rowKey, isConfirmed: true }, 'Merge', { etag }),
    );
  const confirm = createSharedWrite<Confirmable>(groupsOf, async (copies) => {
    const [only] = copies;
    if (only && copies.length === 1) return void (await confirmOne(only));
    const actions = copies.map(
      ({ partitionKey, rowKey, etag }): TransactionAction => [
        'update',
        { partitionKey, rowKey, isConfirmed: true },
        'Merge',
        { etag },
      ],
    );
    const written = await unless(isLost, undefined, () => table.submitTransaction(actions));
    // Somebody else has one of them: each for itself.
    if (!written) await Promise.all(copies.map(confirmOne));
  });

  return {
    /** Gives the version of the row; undefined: storage did not tell it. */
    async put(row: OpenRow): Promise<string | undefined> {
      return (await put(row)).get(row);
    },
    /** Does nothing if the row is not of that version any more. */
    async confirm(copy: Confirmable): Promise<void> {
      await confirm(copy);
    },
  };
}

interface Confirmable {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly etag: string;
}

/** Groups of one partition; a row that comes twice goes into two groups. */
function groupsOf<Keys extends { readonly partitionKey: string; readonly rowKey: string }>(
  rows: readonly Keys[],
): Keys[][] {
  const groups: { readonly partitionKey: string; readonly rows: Map<string, Keys> }[] = [];
  for (const row of rows) {
    const { partitionKey, rowKey } = row;
    const group = groups.find(
      (other) =>
        other.partitionKey === partitionKey && other.rows.size < transactionRows && !other.rows.has(rowKey),
    );
    if (group) group.rows.set(rowKey, row);
    else groups.push({ partitionKey, rows: new Map([[rowKey, row]]) });
  }
  return groups.map((group) => [...group.rows.values()]);
}
