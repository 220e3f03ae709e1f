/** Makes dist/index.cjs, the one file that Azure loads. `--watch` rebuilds on change. */
import { type BuildOptions, build, context } from 'esbuild';

const options: BuildOptions = {
  entryPoints: { index: 'functions/index.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  minify: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  // Exists only inside the Functions worker.
  external: ['@azure/functions-core'],
  define: { 'import.meta.dirname': '__dirname' },
  logLevel: 'info',
};

if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
