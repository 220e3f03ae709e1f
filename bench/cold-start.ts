import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { milliseconds, percentile, report } from './measure.ts';

const runs = 9;
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

/** The bundle's size, and the time from before its first line to after its last registration, in new processes. */
export async function measureColdStart(bundle: string): Promise<void> {
  const { size } = await stat(bundle);
  report('bundle', `${kilobytes(size)}, ${kilobytes(gzipSync(await readFile(bundle)).length)} gzipped`);
  const script = `console.warn = console.debug = console.log = () => {}; const t = performance.now(); require('./${bundle}'); process.stdout.write(String(performance.now() - t))`;
  const times = Array.from({ length: runs }, () =>
    Number(execFileSync(process.execPath, ['--input-type=commonjs', '-e', script], { encoding: 'utf8' })),
  );
  report('load in a fresh process', `median ${milliseconds(percentile(times, 0.5))} of ${runs} runs`);
}
