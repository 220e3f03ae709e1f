import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { milliseconds, percentile, report } from './measure.ts';

const runs = 9;
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

/** The size of what is deployed, and the time from before its first line to after its last registration, in new processes. */
export async function measureColdStart(bundle: string): Promise<void> {
  const names = (await readdir(dirname(bundle))).filter((name) => name.endsWith('.mjs'));
  const contents = await Promise.all(names.map((name) => readFile(join(dirname(bundle), name))));
  const size = contents.reduce((sum, { length }) => sum + length, 0);
  const zipped = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
  report(`bundle, ${basename(bundle)} and chunks`, `${kilobytes(size)}, ${kilobytes(zipped)} gzipped`);

  const url = pathToFileURL(resolve(bundle)).href;
  const script = `console.warn = console.debug = console.log = () => {}; const t = performance.now(); await import('${url}'); process.stdout.write(String(performance.now() - t))`;
  const times = Array.from({ length: runs }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })),
  );
  report('load in a fresh process', `median ${milliseconds(percentile(times, 0.5))} of ${runs} runs`);
}
