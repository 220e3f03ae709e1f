import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** So much may all of its files be, each gzipped, in bytes: it is opened at night, over a phone. */
const largestBytes = 60_000;

/**
 * Makes dist/console of the app in this folder: a page, a script, a style, an icon. They hold no data and name no other
 * host. A relay may serve them meanwhile: each is replaced at once. Gives their size in bytes, gzipped; throws if that is
 * more than is allowed.
 */
export async function buildConsole(folder: string): Promise<number> {
  const from = join(folder, 'console');
  const to = join(folder, 'dist', 'console');
  const built = await build({
    entryPoints: [
      { in: join(from, 'main.tsx'), out: 'console' },
      { in: join(from, 'style', 'console.css'), out: 'console' },
    ],
    outdir: to,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    tsconfig: join(from, 'tsconfig.json'),
    logLevel: 'error',
  });
  const asTheyAre = ['index.html', 'icon.svg'].map(async (name) => ({
    path: join(to, name),
    contents: await readFile(join(from, name)),
  }));
  const files = [...built.outputFiles, ...(await Promise.all(asTheyAre))];
  const bytes = files.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  if (bytes > largestBytes)
    throw new Error(`The console is ${bytes} bytes, gzipped; it may be ${largestBytes}.`);
  await mkdir(to, { recursive: true });
  await Promise.all(files.map(({ path, contents }) => replace(path, contents, join(folder, 'dist'))));
  return bytes;
}

async function replace(path: string, contents: Uint8Array, folder: string): Promise<void> {
  const made = join(folder, `${basename(path)}.${process.pid}`);
  await writeFile(made, contents);
  await rename(made, path);
}
