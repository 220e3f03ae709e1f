/**
 * `node scripts/smoke-test.ts <address of the relay> [--seconds 180]`: waits until the relay says that it is ready.
 * Exit code: 0 it is ready, 1 it is not, 2 the command makes no sense.
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { RelayFailure, UsageError } from '../cli/errors.ts';
import { readArguments, readNumber, runProgram } from '../cli/program.ts';

const usage = 'usage: node scripts/smoke-test.ts <address of the relay> [--seconds 180]';
const pauseMs = 2000;
const healthSchema = z.object({ status: z.string() });

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(
    args,
    { seconds: { type: 'string', default: '180' } },
    [1, 1],
  );
  const seconds = readNumber('seconds', values.seconds, 1, 3600);
  const [address = ''] = positionals;
  if (!URL.canParse(address)) throw new UsageError(`${address} is not an address`);
  const health = new URL('/api/health', address);
  const end = Date.now() + seconds * 1000;
  let last = await ask(health);
  while (last !== 'ready' && Date.now() < end) {
    await delay(Math.min(pauseMs, end - Date.now()));
    last = await ask(health);
  }
  if (last !== 'ready') throw new RelayFailure(`${health} is not ready after ${seconds} s: ${last}`);
  console.log(`${health} is ready.`);
});

/** What the relay says of itself, or why it says nothing. */
async function ask(health: URL): Promise<string> {
  try {
    const answer = await fetch(health, { signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    const said = healthSchema.safeParse(jsonOf(text));
    // Degraded: it takes webhooks; what is wrong is not the package.
    if (answer.ok && said.success) return 'ready';
    return said.success ? `${answer.status} ${said.data.status}` : `${answer.status}`;
  } catch (error) {
    return error instanceof Error ? String(error.cause ?? error.message) : 'no answer';
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
