import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const packageSchema = z.looseObject({ dev: z.boolean().optional(), devDependencies: z.unknown().optional() });
const lockSchema = z.looseObject({ packages: z.record(z.string(), packageSchema) });
const bomSchema = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ name: z.string(), purl: z.string() }) }),
});

/**
 * The software bill of materials: every package that the app needs to run, from package-lock.json, as CycloneDX JSON.
 * Needs no network. https://docs.npmjs.com/cli/commands/npm-sbom
 */
export async function sbom(folder: string): Promise<string> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), 'utf8'));
  const { devDependencies: _, ...manifest } = packageSchema.parse(await read('package.json'));
  const lock = lockSchema.parse(await read('package-lock.json'));
  const needed = Object.entries(lock.packages).flatMap(([path, { devDependencies: _, ...entry }]) =>
    entry.dev ? [] : [[path, entry] as const],
  );

  // npm's own `--omit dev` leaves out what the app needs, too, wherever a development tool needs the same (npm 11.19).
  const production = await mkdtemp(join(tmpdir(), 'sbom-'));
  try {
    await writeFile(join(production, 'package.json'), JSON.stringify(manifest));
    const packages = Object.fromEntries(needed);
    await writeFile(join(production, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
    return named(npmSbom(production));
  } finally {
    await rm(production, { recursive: true, force: true });
  }
}

function npmSbom(folder: string): string {
  const options = ['--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only', '--offline'];
  return execFileSync('npm', ['sbom', ...options], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    // On Windows npm is a batch file, which only a shell runs.
    shell: process.platform === 'win32',
  });
}

/** npm takes the name of the folder for that of the app. */
function named(output: string): string {
  const bom = bomSchema.parse(JSON.parse(output));
  const { component } = bom.metadata;
  component.name = /^pkg:npm\/(.+)@/.exec(component.purl)?.[1] ?? component.name;
  return `${JSON.stringify(bom, null, 2)}\n`;
}
