import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { appFolder } from '../../src/app-folder.ts';

/** Where the app serves the console from. */
export const consoleFolder = join(appFolder, 'dist', 'console');
/** So much may all of its files be, each gzipped, in bytes: it is opened at night, over a phone. */
const largestBytes = 60_000;

/**
 * Makes the console's files: a page, a script, a style, an icon. They hold no data and name no other host.
 * Gives their size in bytes, gzipped; throws if that is more than is allowed.
 */
export async function buildConsole(outdir = consoleFolder): Promise<number> {
  const from = join(appFolder, 'console');
  await mkdir(outdir, { recursive: true });
  await build({
    entryPoints: [
      { in: join(from, 'main.tsx'), out: 'console' },
      { in: join(from, 'style', 'console.css'), out: 'console' },
    ],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    tsconfig: join(from, 'tsconfig.json'),
    logLevel: 'error',
  });
  for (const name of ['index.html', 'icon.svg']) await copyFile(join(from, name), join(outdir, name));
  const bytes = await gzippedBytes(outdir);
  if (bytes > largestBytes)
    throw new Error(`The console is ${bytes} bytes, gzipped; it may be ${largestBytes}.`);
  return bytes;
}

async function gzippedBytes(folder: string): Promise<number> {
  const files = (await readdir(folder)).map((name) => readFile(join(folder, name)));
  return (await Promise.all(files)).reduce((sum, file) => sum + gzipSync(file).length, 0);
}
