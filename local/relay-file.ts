import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type * as z from 'zod';
import { Unusable } from '../cli/errors.ts';
import { readAs } from '../cli/local-settings.ts';
import { appFolder } from '../src/app-folder.ts';
import { relayFileSchema, type SourceEntry } from '../src/config/configuration.ts';
import { sourceKinds } from '../src/sources/index.ts';
import { secretOptions } from './secret-options.ts';
import { localSecret, senderOf } from './sender.ts';
import type { Vendors } from './vendors.ts';

/** Sources by name, as in relay.json. */
export type Sources = Readonly<Record<string, SourceEntry>>;

type RelayFile = z.output<typeof relayFileSchema>;

/** The relay.json that is meant: that of RELAY_CONFIG, relative to the app's folder. */
export const relayConfig = (): string => process.env.RELAY_CONFIG || 'relay.json';

/**
 * A file of the form of relay.json, its mappings by absolute path. Throws {@link Unusable} for one that is not there or
 * is wrong, with all that is wrong.
 */
export async function readRelayFile(file: string): Promise<RelayFile> {
  const path = resolve(appFolder, file);
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Unusable(`${file} cannot be read: ${'code' in error ? error.code : error.message}`);
  });
  const relayFile = readAs(relayFileSchema, text, file);
  const sources = await mapEntries(relayFile.sources, async (entry) => ({
    ...entry,
    ...(entry.mapping && { mapping: resolve(dirname(path), entry.mapping) }),
  }));
  return { ...relayFile, sources };
}

/** The sources of that file. Throws as {@link readRelayFile} does. */
export async function sourcesOf(file = relayConfig()): Promise<Sources> {
  return (await readRelayFile(file)).sources;
}

/** One source for each kind, named as its kind. */
export function everyKind(): Sources {
  const sources = [...sourceKinds.keys()].map((kind): [string, unknown] => [
    kind,
    { kind, secrets: [`${kind}-webhook-secret`] },
  ]);
  return relayFileSchema.parse({ sources: Object.fromEntries(sources) }).sources;
}

/** These sources with all that their samples need, the vendors' APIs on this machine included. */
export function withSamples(sources: Sources, vendors: Vendors): Promise<Sources> {
  return mapEntries(sources, async (entry) => {
    const needed = (await senderOf(entry.kind)).entry?.(vendors.urlOf(entry.kind)) ?? {};
    const mapping = entry.mapping ?? (needed.mapping && resolve(appFolder, needed.mapping));
    const options = { ...needed.options, ...entry.options };
    return { ...entry, ...(mapping && { mapping }), options };
  });
}

/** These sources as they are, but with the vendors' APIs on this machine: nothing is asked of a real vendor. */
export function withLocalVendors(sources: Sources, vendors: Vendors): Promise<Sources> {
  return mapEntries(sources, async (entry) => {
    const url = vendors.urlOf(entry.kind);
    const schema = sourceKinds.get(entry.kind)?.options;
    const isTaken = (options: object) => schema?.safeParse(options).success === true;
    const options = withEveryAddress(redirected(entry.options ?? {}, url), url, isTaken);
    return { ...entry, ...(Object.keys(options).length > 0 && { options }) };
  });
}

/** The options in which kinds have the address of their vendor's API, and of what gives tokens for it. */
const addresses = ['baseUrl', 'accountsUrl', 'authority', 'host'];

/** Options with every address replaced that they have, at any depth. */
function redirected(options: object, url: string): Record<string, unknown> {
  return mapOptions(options, (name, value) => {
    if (addresses.includes(name) && typeof value === 'string') return url;
    return isGroup(value) ? redirected(value, url) : value;
  });
}

/** Options with every address named that the kind has, at any depth: without it, the vendor's own counts. */
function withEveryAddress(
  options: Record<string, unknown>,
  url: string,
  isTaken: (options: Record<string, unknown>) => boolean,
): Record<string, unknown> {
  let named = options;
  for (const name of addresses) if (isTaken({ ...named, [name]: url })) named = { ...named, [name]: url };
  const whole = named;
  return mapOptions(whole, (group, value) =>
    isGroup(value)
      ? withEveryAddress({ ...value }, url, (inner) => isTaken({ ...whole, [group]: inner }))
      : value,
  );
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mapOptions(
  options: object,
  map: (name: string, value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, map(name, value)]));
}

/** Writes a relay.json into a folder; its path. */
export async function writeRelayFile(relayFile: RelayFile, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'relay.json');
  await writeFile(path, JSON.stringify(relayFile, null, 2));
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
