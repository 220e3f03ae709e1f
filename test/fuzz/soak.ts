/** `npm run soak -- --minutes N`: a mixed load with faults; ends with 1 if something is left of it in the process. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { readArguments, readNumber, runProgram } from '../../cli/program.ts';
import type { FunctionHost } from '../../local/function-host.ts';
import type { Sandbox } from '../../local/sandbox/sandbox.ts';
import { call } from '../integration/operator.ts';
import type { LoadReport } from './load.ts';
import { type Fuzzed, failNowAndThen, withFuzzed } from './round.ts';

const usage = `usage: npm run soak -- [--minutes N] [--seed S]
  --minutes N  for how long (default: 30): two halves, and after each a rest and a measurement; in less
               than ten minutes the first half does not fill all caches, and the second may seem to leak
  --seed S     where the choices begin (default: another one each time)`;

const usageSchema = z.object({ rss: z.number(), heap: z.number(), connections: z.int() });
type Usage = z.infer<typeof usageSchema>;

const pauseMs = 100;
/** Connections that nobody uses are closed by then. */
const restMs = 15_000;

const mebibyte = 2 ** 20;
const mebibytes = (bytes: number): string => `${(bytes / mebibyte).toFixed(1)} MiB`;
const textOf = ({ rss, heap, connections }: Usage): string =>
  `heap ${mebibytes(heap)}, resident ${mebibytes(rss)}, ${connections} connections`;

await runProgram(usage, async (args) => {
  const { values } = readArguments(args, {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  });
  const ms = readNumber('minutes', values.minutes, 1, 10_000) * 60_000;
  const seed = readNumber('seed', values.seed, 0, 999_999_999);
  const tellUsage = join(import.meta.dirname, 'tell-usage.ts');
  const left = await withFuzzed(seed, (fuzzed) => soak(fuzzed, ms), {
    // The app alone, as in Azure: what is measured is the relay's.
    isApart: true,
    env: { NODE_OPTIONS: `--import=${tellUsage}` },
  });
  for (const what of left) console.log(`left: ${what}`);
  if (left.length > 0) process.exitCode = 1;
});

/** What the second half left behind beyond what the first one did: code, caches and pools are full after that. */
async function soak(fuzzed: Fuzzed, ms: number): Promise<string[]> {
  const first = await half('first', fuzzed, ms / 2);
  const second = await half('second', fuzzed, ms / 2);
  const report = fuzzed.load.report();
  console.log(JSON.stringify(report));
  return [...growth(first, second), ...harmOf(report)];
}

/** A load with faults, until all of it has come to an end, and a rest; what is in use then. */
async function half(name: string, { host, surroundings, faults, load }: Fuzzed, ms: number): Promise<Usage> {
  const until = Date.now() + ms;
  const storage = failNowAndThen(faults, until);
  const directScale = failDirectScale(surroundings.sandbox, until);
  const told = tellEachMinute(host, until);
  await load.sendUntil(until, pauseMs);
  await Promise.all([storage, directScale, told]);
  await load.end(host.process.exitCode);
  await delay(restMs);
  const usage = await usageOf(host);
  console.log(`after the ${name} half: ${textOf(usage)}; ${await queueOf(host)}`);
  return usage;
}

/** In half an hour a leak of some hundred bytes a request, or of two kilobytes outside the heap, is more. */
function growth(first: Usage, second: Usage): string[] {
  const isMoreHeap = second.heap > first.heap * 1.1 + 4 * mebibyte;
  const isMoreResident = second.rss > first.rss * 1.1;
  const both = (name: string, of: (usage: Usage) => string) =>
    `${name} ${of(first)} after the first half, ${of(second)} after the second`;
  return [
    ...(isMoreHeap ? [both('heap', ({ heap }) => mebibytes(heap))] : []),
    ...(isMoreResident ? [both('resident', ({ rss }) => mebibytes(rss))] : []),
    ...(second.connections > first.connections + 3
      ? [both('connections', ({ connections }) => String(connections))]
      : []),
  ];
}

/** The queue is empty at the end of a load, or it is told there. */
function harmOf(report: LoadReport): string[] {
  return Object.entries(report).flatMap(([name, found]) =>
    Array.isArray(found) ? found.filter(isHarm).map((what) => `${name}: ${what}`) : [],
  );
}

/** DirectScale fails here on purpose, and whoever calls the direct route must be told. */
function isHarm(what: string): boolean {
  return !what.includes('"code":"upstream-unavailable"');
}

/** Answers late, answers 5xx and 429, broken connections, in turn. */
async function failDirectScale(sandbox: Sandbox, until: number): Promise<void> {
  const faults = [
    { status: 503, probability: 0.5 },
    { reset: true as const, probability: 0.3 },
    { status: 429, headers: { 'Retry-After': '1' }, probability: 0.5 },
    { delayMs: 3000, probability: 0.5 },
    { status: 500, applyAnyway: true, probability: 0.5 },
  ];
  for (let n = 0; Date.now() < until; n++) {
    await delay(Math.min(15_000, Math.max(0, until - Date.now())));
    const fault = faults[n % faults.length];
    if (fault) sandbox.fault(fault);
    await delay(Math.min(4000, Math.max(0, until - Date.now())));
    sandbox.clearFaults();
  }
}

async function tellEachMinute(host: FunctionHost, until: number): Promise<void> {
  while (Date.now() < until) {
    await delay(Math.min(60_000, Math.max(0, until - Date.now())));
    console.log(`${new Date().toISOString()}: ${textOf(await usageOf(host))}; ${await queueOf(host)}`);
  }
}

async function usageOf(host: FunctionHost): Promise<Usage> {
  const answered = once(host.process, 'message');
  host.process.send({ tell: 'usage' });
  const [answer] = await answered;
  return usageSchema.parse(answer);
}

async function queueOf(host: FunctionHost): Promise<string> {
  const details = await (await call(host.url, 'health/details')).text();
  return /"queue":\{[^}]*\}/.exec(details)?.[0] ?? 'the queue cannot be read';
}
