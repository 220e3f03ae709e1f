/**
 * Makes dist/index.mjs, which Azure loads, and beside it the chunks that are loaded where they are first needed
 * (storage, vault and identity SDKs, tables of countries and phone numbers): they stay out of the cold start. The thread
 * that evaluates mappings has a file of its own, dist/mapping-worker.mjs. The console goes to dist/console.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { buildConsole } from './build/console.ts';

/** CommonJS packages in the bundle call `require`; without this they throw, and the app has no functions. */
const commonJs = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

/** How an app is bundled for Azure; what it is made of and where it goes is the caller's. */
export const bundleOptions: BuildOptions = {
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  banner: { js: commonJs },
  // Names stay as they are, for stack traces: `keepNames` costs a call for each function that is made, a tenth of a change's CPU.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  // The first exists only inside the Functions worker. The second opens a browser, which nothing in the bundle does:
  // left to itself, it would be deployed with what finds the default browser.
  external: ['@azure/functions-core', 'open'],
};

if (import.meta.main) {
  // A relay that runs from its sources serves dist/console meanwhile.
  const old = (await readdir('dist').catch(() => [])).filter((name) => name !== 'console');
  for (const name of old) await rm(join('dist', name), { recursive: true });
  await build({
    ...bundleOptions,
    entryPoints: { index: 'functions/index.ts', 'mapping-worker': 'src/mapping/evaluation/worker.ts' },
    outdir: 'dist',
    logLevel: 'info',
  });
  console.log(`dist/console: ${await buildConsole('.')} bytes, gzipped`);
}
