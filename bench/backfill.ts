/**
 * `npm run bench:backfill [-- CUSTOMERS [MINUTES]]`: a backfill of so many made-up customers (100,000 without one) from a
 * file, whose command is killed twice on the way, beside live webhooks. Says whether every field is right and nobody was
 * written twice, what the host and the command use as they go, and how long live changes take meanwhile, and on an idle
 * relay. After so many minutes the command is stopped as by Ctrl-C, and the customers until then are looked at.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sandbox } from '../local/sandbox/sandbox.ts';
import { startSurroundings } from '../local/stack.ts';
import { mebibytes, median, milliseconds, percentile, report } from './measure.ts';
import { startWatchedHost, type WatchedHost } from './processes/children.ts';
import { addCustomers, manyWrites, signedWebhook, webhooksOf } from './shopify-webhook.ts';

const customers = Number(process.argv[2] ?? 100_000);
const longestMs = Number(process.argv[3] ?? Number.POSITIVE_INFINITY) * 60_000;
const firstId = 1_000_000;
const idleProbes = 60;
const probeEveryMs = 1000;
const killedAt = [0.3, 0.6];
/** What V8 allows itself on an instance of 512 MB. */
const asWith512MB = '--max-old-space-size=256 --max-semi-space-size=1';
const app = 'dist/index.mjs';

const nameOf = (index: number) => ({ FirstName: `First ${index}`, LastName: `Last ${index}` });

const folder = await mkdtemp(join(tmpdir(), 'backfill-'));
const surroundings = await startSurroundings();
const { sandbox } = surroundings;
const host = await startWatchedHost(app, {
  env: { ...surroundings.env, ...manyWrites },
  nodeOptions: asWith512MB,
});
const writes = new Map<string, number>();
/** So many calls of the sandbox's history were looked at. */
let seen = 0;
try {
  addCustomers(sandbox);
  addPeople();
  const file = await writeFile();
  const live = probing();
  for (let probe = 0; probe < idleProbes; probe++) {
    await live.probe();
    await delay(probeEveryMs);
  }
  const idle = live.take();
  const begun = performance.now();
  const { memory, done } = await backfill(file, live);
  const seconds = (performance.now() - begun) / 1000;
  tell(idle, live.take(), memory, done, seconds);
} finally {
  await host.stop();
  await surroundings.stop();
  await rm(folder, { recursive: true });
}

function addPeople(): void {
  const model = sandbox.customers.get('10542');
  if (!model) throw new Error('the sandbox does not know customer 10542');
  for (let index = 0; index < customers; index++)
    sandbox.customers.set(String(firstId + index), { ...model, CustomerId: firstId + index });
}

async function writeFile(): Promise<string> {
  const path = join(folder, 'people.csv');
  const stream = createWriteStream(path);
  stream.write('customer.customerId,occurredAt,fields.FirstName,fields.LastName\n');
  for (let index = 0; index < customers; index++) {
    const { FirstName, LastName } = nameOf(index);
    const line = `${firstId + index},2026-01-05T00:00:00Z,${FirstName},${LastName}\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  return path;
}

interface Live {
  /** Sends a webhook and waits until DirectScale has it. */
  probe(): Promise<void>;
  /** The delays since the last time, in ms. */
  take(): number[];
}

function probing(): Live {
  let index = 0;
  let delays: number[] = [];
  const target = webhooksOf(host.url);
  return {
    async probe() {
      const { body, headers } = signedWebhook(index);
      const name = `Maria ${index++}`;
      const at = performance.now();
      await sendWebhook(target, { body, headers });
      while (!isWritten(sandbox, name)) await delay(2);
      delays.push(performance.now() - at);
    },
    take() {
      const taken = delays;
      delays = [];
      return taken;
    },
  };
}

/** As vendors do, once more if it is not taken. */
async function sendWebhook(
  { url, expectedStatus }: ReturnType<typeof webhooksOf>,
  { body, headers }: ReturnType<typeof signedWebhook>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { status } = await fetch(url, { method: 'POST', body, headers });
    if (status === expectedStatus) return;
    if (status < 500 || attempt === 3) throw new Error(`a webhook was answered ${status}`);
  }
}

/** Counts what was written of the people since it was asked last, and looks for a live change. */
function isWritten({ history }: Sandbox, name: string): boolean {
  let found = false;
  for (; seen < history.length; seen++) {
    const { method, applied, customerId = '', patch } = history[seen] ?? {};
    if (method !== 'PATCH' || !applied) continue;
    if (Number(customerId) >= firstId) writes.set(customerId, (writes.get(customerId) ?? 0) + 1);
    else found ||= (patch as { FirstName?: string }).FirstName === name;
  }
  return found;
}

interface Memory {
  /** Of the customers, or of the time if that ends first. */
  readonly part: number;
  readonly rows: number;
  readonly host: number;
  readonly heap: number;
  readonly command: number;
}

async function backfill(file: string, live: Live): Promise<{ memory: Memory[]; done: number }> {
  const memory: Memory[] = [];
  const kills = [...killedAt];
  const begun = performance.now();
  let command = start(file);
  for (;;) {
    await live.probe();
    await delay(probeEveryMs);
    if (command.exitCode !== null) break;
    const rows = await rowsDone(file);
    const part = Math.max(rows / customers, (performance.now() - begun) / longestMs);
    if (part >= 1) return { memory, done: await stop(command, file) };
    if (part >= (memory.at(-1)?.part ?? -1) + 0.1) {
      const { rss, heap } = await (host as WatchedHost).usage();
      memory.push({ part, rows, host: rss, heap, command: await residentOf(command.pid) });
      console.error(`${rows} customers after ${Math.round((performance.now() - begun) / 1000)} s`);
    }
    if (part < (kills[0] ?? Number.POSITIVE_INFINITY)) continue;
    kills.shift();
    const exited = once(command, 'exit');
    command.kill('SIGKILL');
    await exited;
    console.error(`killed after ${await rowsDone(file)} customers`);
    command = start(file);
  }
  if (command.exitCode !== 0) throw new Error(`the command ended with ${command.exitCode}`);
  return { memory, done: customers };
}

/** As Ctrl-C does: what was sent is waited for. How many customers are done. */
async function stop(command: ReturnType<typeof start>, file: string): Promise<number> {
  const exited = once(command, 'exit');
  command.kill('SIGINT');
  await exited;
  return command.exitCode === 0 ? customers : rowsDone(file);
}

function start(file: string) {
  const args = ['scripts/catch-up.ts', 'in-house', '--file', file];
  const env = { PATH: process.env.PATH ?? '', RELAY_URL: host.url };
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function rowsDone(file: string): Promise<number> {
  const text = await readFile(`${file}.progress`, 'utf8').catch(() => '{"rows":0}');
  return (JSON.parse(text) as { rows: number }).rows;
}

/** Resident memory of a process in bytes, as Linux tells it; NaN elsewhere. */
async function residentOf(pid = 0): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

function tell(
  idle: readonly number[],
  during: readonly number[],
  memory: readonly Memory[],
  done: number,
  seconds: number,
): void {
  isWritten(sandbox, '');
  let wrong = 0;
  for (let index = 0; index < done; index++) {
    const { FirstName, LastName } = nameOf(index);
    const customer = sandbox.customers.get(String(firstId + index));
    if (customer?.FirstName !== FirstName || customer.LastName !== LastName) wrong++;
  }
  const twice = [...writes.values()].filter((count) => count > 1).length;
  report(
    'backfill',
    `${done} of ${customers} customers in ${Math.round(seconds)} s`,
    `${Math.round(done / seconds)} per s`,
  );
  report(
    'killed',
    `${killedAt.length} times`,
    `wrong ${wrong}, written twice ${twice}, written ${writes.size}`,
  );
  const text = (delays: readonly number[]) =>
    `median ${milliseconds(median(delays))}, 95 % ${milliseconds(percentile(delays, 0.95))} (${delays.length})`;
  report('live changes meanwhile', text(during), `idle: ${text(idle)}`, median(during) / median(idle));
  for (const { part, rows, host: rss, heap, command } of memory)
    report(
      `memory at ${Math.round(part * 100)} %, ${rows} customers`,
      `host ${mebibytes(rss)} (heap ${mebibytes(heap)})`,
      `command ${mebibytes(command)}`,
    );
}
