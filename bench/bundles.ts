import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../scripts/build.ts';
import { appFolder } from '../src/app-folder.ts';

/** The relay as `npm run build` makes it, and apps to stand beside it, bundled the same way. */
export interface Bundles {
  readonly relay: string;
  readonly empty: string;
  readonly onlyAnswers: string;
  readonly onlyEnqueues: string;
  readonly sameCalls: string;
  readonly verifyAndMap: string;
}

/** Bundles the apps of this folder. Throws when the relay was not built. */
export async function bundles(): Promise<Bundles> {
  const relay = join(appFolder, 'dist', 'index.mjs');
  await stat(relay);
  const outdir = join(appFolder, '.local', 'bench');
  const apps = join(appFolder, 'bench', 'apps');
  const mappingWorker = join(appFolder, 'src', 'mapping', 'evaluation', 'worker.ts');
  for (const name of ['empty', 'only-answers', 'only-enqueues', 'same-calls', 'verify-and-map']) {
    await build({
      ...bundleOptions,
      entryPoints: {
        index: join(apps, `${name}.ts`),
        ...(name === 'verify-and-map' && { 'mapping-worker': mappingWorker }),
      },
      outdir: join(outdir, name),
      logLevel: 'error',
    });
  }
  return {
    relay,
    empty: join(outdir, 'empty', 'index.mjs'),
    onlyAnswers: join(outdir, 'only-answers', 'index.mjs'),
    onlyEnqueues: join(outdir, 'only-enqueues', 'index.mjs'),
    sameCalls: join(outdir, 'same-calls', 'index.mjs'),
    verifyAndMap: join(outdir, 'verify-and-map', 'index.mjs'),
  };
}
