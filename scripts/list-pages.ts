import { UsageError } from '../cli/errors.ts';

/** A page of a list, and where the next one begins; absent after the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string | undefined;
}

/**
 * The first `limit` items (as the operator writes it) of a list that the relay gives in pages of `perPage` at most.
 * `isAll` is false when there are more. Throws {@link UsageError}, and what `getPage` throws.
 */
export async function listPages<Item>(
  limit: string,
  perPage: number,
  query: URLSearchParams,
  getPage: (query: URLSearchParams) => Promise<Page<Item>>,
): Promise<{ items: Item[]; isAll: boolean }> {
  if (!/^[1-9]\d{0,6}$/.test(limit)) throw new UsageError('--limit must be a whole number from 1');
  const items: Item[] = [];
  let next: string | undefined;
  do {
    query.set('limit', String(Math.min(perPage, Number(limit) - items.length)));
    if (next) query.set('from', next);
    const page = await getPage(query);
    items.push(...page.items);
    next = page.next;
  } while (next && items.length < Number(limit));
  return { items, isAll: !next };
}
