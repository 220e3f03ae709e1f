/**
 * The local function host: runs the app's real handlers, hooks and conversions through the contract that the Azure
 * Functions worker uses, without its binary. One app per process.
 *   node local/host/main.ts [--app functions/index.ts] [--port 7071] [--function-key K] [--queue-lock-ms 600000]
 * Reads host.json in the working folder; app settings come from the environment.
 * Prints one line of JSON when it is ready; the functions' log goes to stderr.
 */
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { provideCoreModule } from './core-module.ts';
import { readHostJson } from './host-json.ts';
import { createHttpFront } from './http-front.ts';
import type { LogLine } from './invoke.ts';
import { Running } from './running.ts';
import { assertSupported, startTriggers } from './triggers.ts';

const stopTimeoutMs = 5000;

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: 'functions/index.ts' },
    port: { type: 'string', default: '7071' },
    'function-key': { type: 'string' },
    'queue-lock-ms': { type: 'string', default: '600000' },
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

const registrations = provideCoreModule((level, category, message) => {
  if (category === 'user' || level === 'error') log(level, 'host', '-', message);
});
await import(pathToFileURL(resolve(values.app)).href);
registrations.locked = true;
const hostJson = await readHostJson('host.json');
assertSupported([...registrations.functions.values()].map(({ metadata }) => metadata));
const capabilities = (await registrations.model?.getCapabilities({})) ?? {};
const appHookData = {};
for (const hook of registrations.hooks.appStart) await hook({ hookData: appHookData });

const running = new Running();
const triggers = await startTriggers({
  registrations,
  queues: hostJson.queues,
  queueLockMs: Number(values['queue-lock-ms']),
  running,
  log,
});
const front = createHttpFront({
  registrations,
  routePrefix: hostJson.routePrefix,
  // By address: under load a connection to a name with two addresses can be given up in favour of the other one.
  ...(capabilities.HttpUri && {
    streamingUri: new URL(capabilities.HttpUri.replace('localhost', '127.0.0.1')),
  }),
  ...(values['function-key'] && { functionKey: values['function-key'] }),
  byHand: triggers.byHand,
  running,
  log,
});
front.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = front.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  console.log(JSON.stringify({ ready: true, port, functions: [...registrations.functions.keys()] }));
});

let stopping = false;
/** Takes no more work, lets what is running finish (five seconds at most), then ends. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  front.close();
  void running.add(triggers.stop());
  if (!(await running.settled(stopTimeoutMs))) log('warning', 'host', '-', 'stopped with work unfinished');
  for (const hook of registrations.hooks.appTerminate) await hook({ hookData: appHookData });
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
if (process.connected) process.on('disconnect', () => void stop());
