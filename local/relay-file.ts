import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { appFolder } from '../src/app-folder.ts';
import { relayFileSchema, type SourceEntry } from '../src/config/configuration.ts';
import { sourceKinds } from '../src/sources/index.ts';
import { secretOptions } from './secret-options.ts';
import { localSecret, senderOf } from './sender.ts';
import type { Vendors } from './vendors.ts';

/** Sources by name, as in relay.json. */
export type Sources = Readonly<Record<string, SourceEntry>>;

/** The sources of relay.json, or of another file of its form; their mappings by absolute path. */
export async function sourcesOf(file = 'relay.json'): Promise<Sources> {
  const path = resolve(appFolder, file);
  const { sources } = relayFileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return mapEntries(sources, async (entry) => ({
    ...entry,
    ...(entry.mapping && { mapping: resolve(dirname(path), entry.mapping) }),
  }));
}

/** One source for each kind, named as its kind. */
export function everyKind(): Sources {
  const sources = [...sourceKinds.keys()].map((kind): [string, unknown] => [
    kind,
    { kind, secrets: [`${kind}-webhook-secret`] },
  ]);
  return relayFileSchema.parse({ sources: Object.fromEntries(sources) }).sources;
}

/** Writes a relay.json with these sources, each with the vendor's API on this machine and what its sample needs. */
export async function writeLocalRelayFile(
  sources: Sources,
  folder: string,
  vendors: Vendors,
): Promise<string> {
  const localized = await mapEntries(sources, async (entry) => {
    const needed = (await senderOf(entry.kind)).entry?.(vendors.urlOf(entry.kind)) ?? {};
    const mapping = entry.mapping ?? (needed.mapping && resolve(appFolder, needed.mapping));
    const options = { ...entry.options, ...needed.options };
    return { ...entry, ...(mapping && { mapping }), options };
  });
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'relay.json');
  await writeFile(path, JSON.stringify({ sources: localized }, null, 2));
  return path;
}

/** Every secret that the sources need, by name: those of their webhooks, and those that their options name. */
export async function localSecretsOf(sources: Sources): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const { kind, secrets: names, options } of Object.values(sources)) {
    const { secret } = await senderOf(kind);
    for (const name of names) secrets[name] = secret?.(name) ?? localSecret(name);
    const parsed = sourceKinds.get(kind)?.options.safeParse(options ?? {});
    const given = { ...options, ...Object(parsed?.data) };
    for (const name of secretOptions(given).values()) secrets[name] = localSecret(name);
  }
  return secrets;
}

async function mapEntries<Value, Result>(
  entries: Readonly<Record<string, Value>>,
  work: (value: Value) => Promise<Result>,
): Promise<Record<string, Result>> {
  const mapped = Object.entries(entries).map(
    async ([name, value]): Promise<[string, Result]> => [name, await work(value)],
  );
  return Object.fromEntries(await Promise.all(mapped));
}
