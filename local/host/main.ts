/**
 * The local function host: runs the app's real handlers, hooks and conversions through the contract that the Azure
 * Functions worker uses, without its binary. One app per process.
 *   node local/host/main.ts [--app functions/index.ts] [--port 7071] [--function-key K] [--queue-lock-ms 600000] [--apart]
 *     [--timers-by-hand]
 * Reads host.json in the working folder; app settings come from the environment.
 * Prints one line of JSON when it is ready; the functions' log goes to stderr.
 * `--timers-by-hand`: a timer runs only if POST /admin/functions/{name} says so.
 * `--apart`: the app stays alone in this process, as in Azure; what the host does, it does in another one.
 */
import { parseArgs } from 'node:util';
import { startHostApart } from './apart.ts';
import { startHost } from './host.ts';
import type { LogLine } from './invoke.ts';
import { loadApp } from './load-app.ts';

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: 'functions/index.ts' },
    port: { type: 'string', default: '7071' },
    'function-key': { type: 'string' },
    'queue-lock-ms': { type: 'string', default: '600000' },
    apart: { type: 'boolean', default: false },
    'timers-by-hand': { type: 'boolean', default: false },
  },
});

const log: LogLine = (level, functionName, invocationId, message) => {
  if (level !== 'trace' && level !== 'debug') {
    process.stderr.write(`[${level}] ${functionName} ${invocationId} ${message}\n`);
  }
};

// As in the worker: a promise that nobody awaited ends the process, so the bug is seen here first.
process.on('unhandledRejection', (reason) => {
  log(
    'critical',
    'host',
    '-',
    `unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}`,
  );
  process.exit(1);
});

const app = await loadApp(values.app, log);
const options = {
  port: Number(values.port),
  functionKey: values['function-key'],
  queueLockMs: Number(values['queue-lock-ms']),
  areTimersByHand: values['timers-by-hand'],
};
const host = values.apart ? await startHostApart(app, options) : await startHost(app, options, log);
const functions = app.functions.map(({ name }) => name);
console.log(JSON.stringify({ ready: true, port: host.port, functions }));

let stopping = false;
/** Takes no more work, lets what is running finish (five seconds at most), then ends. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await host.stop();
  await app.terminate();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
if (process.connected) process.on('disconnect', () => void stop());
