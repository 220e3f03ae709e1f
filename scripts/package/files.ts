import { readdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, posix, relative, resolve } from 'node:path';
import * as z from 'zod';
import { Unusable } from '../../cli/errors.ts';
import { readAs } from '../../cli/local-settings.ts';
import { relayFileSchema } from '../../src/config/configuration.ts';

const manifestSchema = z.object({ name: z.string(), version: z.string(), main: z.string() });

/** What is in the package, and what must be set for it in Azure. */
export interface Package {
  /** By path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The app setting RELAY_CONFIG that it needs; absent: none. */
  readonly relayConfig?: string;
}

/**
 * The deployment package: what the app reads when it runs, nothing else. A relay.json within the app's folder keeps its
 * place; one from elsewhere becomes the package's relay.json, its mappings go to `own/`.
 * Throws {@link Unusable} for a relay.json that is wrong or names a mapping that cannot be deployed.
 */
export async function filesOfPackage(folder: string, relayConfig: string): Promise<Package> {
  const path = resolve(folder, relayConfig);
  const inside = relative(resolve(folder), path).replaceAll('\\', '/');
  const isOutside = inside.startsWith('../') || isAbsolute(inside);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Unusable(`${relayConfig} cannot be read.`);
  });
  const relayFile = readAs(relayFileSchema, text, relayConfig);
  const own = isOutside
    ? await ownFiles(relayFile, dirname(path))
    : { [inside]: path, ...mappingsWithin(folder, inside, relayFile) };
  const paths = [
    'host.json',
    ...(await filesIn(folder, 'dist', '.mjs')),
    ...(await filesIn(folder, 'dist/console', '')),
    ...(await filesIn(folder, 'mappings', '.jsonata')),
  ];
  const places = { ...Object.fromEntries(paths.map((name) => [name, resolve(folder, name)])), ...own };
  const read = Object.entries(places).map(async ([name, place]) => {
    if (typeof place !== 'string') return [name, place] as const;
    const content = await readFile(place).catch(() => undefined);
    if (!content) throw new Unusable(`${isOutside ? place : name} cannot be read.`);
    return [name, new Uint8Array(content)] as const;
  });
  const manifest = ['package.json', await minimalManifest(folder)] as const;
  const files = [...(await Promise.all(read)), manifest];
  return {
    files: Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(!isOutside && inside !== 'relay.json' && { relayConfig: inside }),
  };
}

type RelayFile = z.output<typeof relayFileSchema>;

/** The mappings that a relay.json in the app's folder names, by their path in it. */
function mappingsWithin(folder: string, relayFile: string, { sources }: RelayFile): Record<string, string> {
  const named = Object.values(sources).flatMap(({ mapping }) => mapping ?? []);
  return Object.fromEntries(
    named.map((mapping) => {
      const path = posix.normalize(posix.join(posix.dirname(relayFile), mapping));
      if (path.startsWith('../') || posix.isAbsolute(mapping)) {
        throw new Unusable(`${relayFile} names ${mapping}: a mapping must lie in the app's folder.`);
      }
      return [path, resolve(folder, path)];
    }),
  );
}

/** A relay.json of another folder under its name in the package, and its mappings, each under a name of its own. */
async function ownFiles(
  { sources, ...rest }: RelayFile,
  folder: string,
): Promise<Record<string, string | Uint8Array>> {
  const mappings: Record<string, string> = {};
  const moved = Object.entries(sources).map(([name, entry]) => {
    if (!entry.mapping) return [name, entry];
    mappings[`own/${name}.jsonata`] = resolve(folder, entry.mapping);
    return [name, { ...entry, mapping: `own/${name}.jsonata` }];
  });
  const relayFile = { ...rest, sources: Object.fromEntries(moved) };
  return { 'relay.json': Buffer.from(`${JSON.stringify(relayFile, null, 2)}\n`), ...mappings };
}

async function filesIn(folder: string, subfolder: string, ending: string): Promise<string[]> {
  const names = await readdir(`${folder}/${subfolder}`);
  return names.filter((name) => name.endsWith(ending)).map((name) => `${subfolder}/${name}`);
}

/** What Azure reads of package.json: the entry point and that it is a module. */
async function minimalManifest(folder: string): Promise<Uint8Array> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(`${folder}/package.json`, 'utf8')));
  const { name, version, main } = manifest;
  return Buffer.from(`${JSON.stringify({ name, version, private: true, type: 'module', main }, null, 2)}\n`);
}
