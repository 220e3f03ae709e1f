/** `npm run bench`: the bundle's size, its load time in a fresh process, and the time of one delivery on loopback. */
import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { localSources, sendDelivery } from '../local/sender.ts';
import { startStack } from '../local/stack.ts';

const bundle = 'dist/index.cjs';
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
const milliseconds = (ms: number) => `${ms.toFixed(1)} ms`;

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Time from before the first line of the bundle to after its last registration, in a new process each time. */
function loadTimes(runs: number): number[] {
  const script = `console.warn = console.debug = console.log = () => {}; const t = performance.now(); require('./${bundle}'); process.stdout.write(String(performance.now() - t))`;
  return Array.from({ length: runs }, () =>
    Number(execFileSync(process.execPath, ['--input-type=commonjs', '-e', script], { encoding: 'utf8' })),
  );
}

const loads = loadTimes(9);
const { size } = await stat(bundle);
console.log(
  `bundle                      ${kilobytes(size)}, ${kilobytes(gzipSync(await readFile(bundle)).length)} gzipped`,
);
console.log(
  `load in a fresh process     median ${milliseconds(percentile(loads, 0.5))} of ${loads.length} runs`,
);

const stack = await startStack({ host: { app: bundle } });
try {
  const [name, entry] = Object.entries(await localSources())[0] ?? [];
  if (!name || !entry) throw new Error('relay.json names no source');
  const times: number[] = [];
  for (let i = 0; i < 500; i++) {
    const start = performance.now();
    const response = await sendDelivery(stack.host.url, name, entry);
    await response.arrayBuffer();
    times.push(performance.now() - start);
    if (!response.ok) throw new Error(`the relay answered ${response.status}`);
  }
  const [first = Number.NaN, ...later] = times;
  console.log(`first delivery              ${milliseconds(first)} (reads two secrets from the vault)`);
  console.log(
    `one delivery, HTTP to PATCH median ${milliseconds(percentile(later, 0.5))}, p99 ${milliseconds(percentile(later, 0.99))} of ${later.length}`,
  );
} finally {
  await stack.stop();
}
