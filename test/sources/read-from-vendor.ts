import { readFile } from 'node:fs/promises';
import { SecretMissing } from '../../src/secrets/secret-store.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import type { PageOfChanges, ReadCustomer, Window } from '../../src/sources/changes-since.ts';
import type { FetchContext } from '../../src/sources/fetch-context.ts';
import type { SourceKind } from '../../src/sources/kind.ts';
import { mappingOf } from '../mapping/mapping-result.ts';

/** What a kind needs to call its vendor: options, and secrets by name. */
export function contextOf<Options>(
  kind: Pick<SourceKind<Options>, 'options'>,
  options: unknown,
  secrets: Readonly<Record<string, string>>,
): FetchContext<Options> {
  const read = async (name: string) => {
    const value = secrets[name];
    if (value === undefined) throw new SecretMissing(`no secret ${name}`);
    return value;
  };
  const { get } = createSecrets({
    store: { name: 'key-vault', read },
    ttlMs: 60_000,
    minRefreshIntervalMs: 0,
  });
  return { options: kind.options.parse(options), timeoutMs: 5000, secret: get };
}

/** Reads all pages, as a run does that nothing disturbs, and survives a restart after each of them. */
export async function readAll<Options>(
  { changesSince }: Pick<SourceKind<Options>, 'changesSince'>,
  window: Window,
  context: FetchContext<Options>,
): Promise<ReadCustomer[]> {
  const read: ReadCustomer[] = [];
  let at = window.at;
  for (let pages = 0; pages < 100; pages++) {
    const page = await changesSince?.read({ ...window, ...(at !== undefined && { at }) }, context);
    if (page?.type !== 'page') throw new Error(`no page, but ${JSON.stringify(page)}`);
    read.push(...page.customers);
    if (page.next === undefined) return read;
    at = JSON.parse(JSON.stringify(page.next));
  }
  throw new Error('the pages never end');
}

/** The first page, or why there is none. */
export async function readOne<Options>(
  { changesSince }: Pick<SourceKind<Options>, 'changesSince'>,
  window: Window,
  context: FetchContext<Options>,
): Promise<PageOfChanges> {
  const page = await changesSince?.read(window, context);
  if (!page) throw new Error('a kind that does not read');
  return page;
}

/** What the mapping that ships with a kind makes of a payload. */
export async function shippedMapping(kind: Pick<SourceKind, 'mapping'>) {
  const file = kind.mapping ?? '';
  return mappingOf(file, await readFile(file, 'utf8'));
}
