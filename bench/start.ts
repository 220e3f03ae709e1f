import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { appFolder } from '../src/app-folder.ts';
import type { Bundles } from './bundles.ts';
import { median, milliseconds, report } from './measure.ts';

const runs = 15;
const timesSchema = z.object({ load: z.number(), ready: z.number() });

/** What is deployed, and how long fresh processes take to load it, beside an app of one empty function. */
export async function measureStart({ relay, empty }: Bundles): Promise<void> {
  report('start: what is deployed, gzipped', await sizeOf(relay), `empty function ${await sizeOf(empty)}`);
  const times = { relay: [] as Times[], empty: [] as Times[] };
  // In turns, so that a busy machine slows both.
  for (let run = 0; run < runs; run++) {
    times.relay.push(loadInFreshProcess(relay));
    times.empty.push(loadInFreshProcess(empty));
  }
  const compare = (what: string, of: (times: Times) => number) => {
    const [ours, bare] = [median(times.relay.map(of)), median(times.empty.map(of))];
    report(what, milliseconds(ours), `empty function ${milliseconds(bare)}`, ours / bare);
  };
  compare('start: load of the bundle', ({ load }) => load);
  compare('start: load, capabilities, start hooks', ({ ready }) => ready);
}

type Times = z.infer<typeof timesSchema>;

function loadInFreshProcess(bundle: string): Times {
  const script = join(appFolder, 'bench', 'processes', 'load-app.ts');
  return timesSchema.parse(
    JSON.parse(execFileSync(process.execPath, [script, bundle], { encoding: 'utf8' })),
  );
}

async function sizeOf(bundle: string): Promise<string> {
  const folder = dirname(bundle);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
  const zipped = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
  const entry = gzipSync(await readFile(bundle)).length;
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
  return `${kilobytes(zipped)}, entry ${kilobytes(entry)}`;
}
