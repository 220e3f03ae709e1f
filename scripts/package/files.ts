import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import * as z from 'zod';
import { relayFileSchema } from '../../src/config/configuration.ts';
import { violationsOf } from '../../src/domain/violation.ts';

/** The package cannot be made; the message says what to correct. */
export class PackageError extends Error {
  readonly code = 'package-incomplete';
}

const manifestSchema = z.object({ name: z.string(), version: z.string(), main: z.string() });

/**
 * The files of the deployment package by path: what the app reads when it runs, nothing else.
 * Throws a {@link PackageError} for a relay.json that is wrong or names a mapping that cannot be deployed.
 */
export async function filesOfPackage(folder: string): Promise<Record<string, Uint8Array>> {
  const paths = [
    'host.json',
    'relay.json',
    ...(await filesIn(folder, 'dist', '.mjs')),
    ...(await filesIn(folder, 'mappings', '.jsonata')),
    ...(await ownMappings(folder)),
  ];
  const entries = [...new Set(paths)].map(async (path) => {
    const content = await readFile(`${folder}/${path}`).catch(() => undefined);
    if (!content) throw new PackageError(`${path} cannot be read.`);
    return [path, new Uint8Array(content)] as const;
  });
  const manifest = ['package.json', await minimalManifest(folder)] as const;
  const files = [...(await Promise.all(entries)), manifest];
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function filesIn(folder: string, subfolder: string, ending: string): Promise<string[]> {
  const names = await readdir(`${folder}/${subfolder}`);
  return names.filter((name) => name.endsWith(ending)).map((name) => `${subfolder}/${name}`);
}

/** The mappings that relay.json names. */
async function ownMappings(folder: string): Promise<string[]> {
  const parsed = relayFileSchema.safeParse(JSON.parse(await readFile(`${folder}/relay.json`, 'utf8')));
  if (!parsed.success) {
    const wrong = violationsOf(parsed.error).map(({ path, message }) => `  ${path} ${message}`);
    throw new PackageError(['relay.json is wrong:', ...wrong].join('\n'));
  }
  const named = Object.values(parsed.data.sources).flatMap(({ mapping }) => mapping ?? []);
  return named.map((mapping) => {
    const path = posix.normalize(mapping);
    if (path.startsWith('../') || posix.isAbsolute(path)) {
      throw new PackageError(`relay.json names ${mapping}: a mapping must lie in the app's folder.`);
    }
    return path;
  });
}

/** What Azure reads of package.json: the entry point and that it is a module. */
async function minimalManifest(folder: string): Promise<Uint8Array> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(`${folder}/package.json`, 'utf8')));
  const { name, version, main } = manifest;
  return Buffer.from(`${JSON.stringify({ name, version, private: true, type: 'module', main }, null, 2)}\n`);
}
