import { setTimeout as delay } from 'node:timers/promises';
import { type FunctionHost, type FunctionHostOptions, startFunctionHost } from '../../local/function-host.ts';
import { everyKind } from '../../local/relay-file.ts';
import { type Surroundings, startSurroundings } from '../../local/stack.ts';
import { call, functionKey } from '../integration/operator.ts';
import { Load, type LoadReport } from './load.ts';
import { seeded } from './random.ts';
import { StorageFaults } from './storage-faults.ts';

export interface RoundOptions {
  readonly seed: number;
  readonly ms: number;
  readonly withStorageFaults: boolean;
}

/** A relay with a source of every kind, its storage, which can be made to fail, and a load for it. */
export interface Fuzzed {
  readonly host: FunctionHost;
  readonly surroundings: Surroundings;
  readonly faults: StorageFaults;
  readonly load: Load;
}

/** For so long storage is well, and then it fails. */
const wellMs = 25_000;
const failingMs = 3000;

/** A message that the host could not settle comes back after so long. */
const queueLockMs = 20_000;
/** Settings with which all that is to be repeated has ended soon, and one customer may be written to all the time. */
const quickly = {
  RETRY_SCHEDULE: '200 ms, 300 ms, 500 ms',
  DIRECTSCALE_SETTLE_MS: '200',
  CUSTOMER_WRITES_PER_MINUTE: '1000',
};

/** Sends a relay of its own odd requests for so long. */
export function fuzzRound({ seed, ms, withStorageFaults }: RoundOptions): Promise<LoadReport> {
  return withFuzzed(seed, async ({ host, faults, load }) => {
    const until = Date.now() + ms;
    const storage = withStorageFaults ? failNowAndThen(faults, until) : undefined;
    await load.sendUntil(until);
    await storage;
    await load.end(host.process.exitCode);
    return load.report();
  });
}

/** Starts it all, and ends it all. `options`: of the host, besides. */
export async function withFuzzed<Result>(
  seed: number,
  work: (fuzzed: Fuzzed) => Promise<Result>,
  options: Partial<FunctionHostOptions> = {},
): Promise<Result> {
  const faults = new StorageFaults(seeded(seed + 1));
  const surroundings = await startSurroundings({ sources: everyKind() });
  const watched = await faults.watch(surroundings);
  const host = await startFunctionHost({
    ...options,
    functionKey,
    queueLockMs,
    env: { ...watched.env, ...quickly, ...options.env },
  });
  const load = await Load.against(host.url, seeded(seed), faults);
  const listen = (chunk: Buffer) => load.hear(chunk.toString());
  host.process.stderr?.on('data', listen);
  host.process.stdout?.on('data', listen);
  try {
    const health = await call(host.url, 'health/details');
    if (!health.ok) throw new Error(`the relay cannot be used: ${await health.text()}`);
    return await work({ host, surroundings, faults, load });
  } finally {
    await host.stop();
    await watched.close();
    await surroundings.stop();
  }
}

/** Storage fails for some seconds, and is well for longer, until then. */
export async function failNowAndThen(faults: StorageFaults, until: number): Promise<void> {
  const left = () => Math.max(0, until - Date.now());
  while (left() > 0) {
    await delay(Math.min(left(), wellMs / 5));
    faults.start();
    await delay(Math.min(left(), failingMs));
    faults.end();
    await delay(Math.min(left(), wellMs));
  }
}
