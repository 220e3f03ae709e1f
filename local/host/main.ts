/**
 * The local function host: runs the app's real handlers, hooks and conversions through the contract that the Azure
 * Functions worker uses, without its binary. One app per process.
 *   node local/host/main.ts [--app functions/index.ts] [--port 7071] [--function-key K]
 * Prints one line of JSON when it is ready; the functions' log goes to stderr.
 */
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { provideCoreModule } from './core-module.ts';
import { createHttpFront } from './http-front.ts';
import type { LogLine } from './invoke.ts';

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: 'functions/index.ts' },
    port: { type: 'string', default: '7071' },
    'function-key': { type: 'string' },
  },
});

const log: LogLine = (level, functionName, invocationId, message) => {
  if (level !== 'trace' && level !== 'debug') {
    process.stderr.write(`[${level}] ${functionName} ${invocationId} ${message}\n`);
  }
};

// As in the worker: a promise that nobody awaited ends the process, so the bug is seen here first.
process.on('unhandledRejection', (reason) => {
  process.stderr.write(`unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}\n`);
  process.exit(1);
});

const registrations = provideCoreModule((level, category, message) => {
  if (category === 'user' || level === 'error') log(level, 'host', '-', message);
});
await import(pathToFileURL(resolve(values.app)).href);
const hostJson = JSON.parse(await readFile('host.json', 'utf8'));
const capabilities = (await registrations.model?.getCapabilities({})) ?? {};
if (!capabilities.HttpUri) throw new Error('the app does not turn on HTTP streaming');
for (const hook of registrations.hooks.appStart) await hook({ hookData: {} });

const front = createHttpFront({
  registrations,
  streamingUri: new URL(capabilities.HttpUri),
  routePrefix: hostJson.extensions?.http?.routePrefix ?? 'api',
  ...(values['function-key'] && { functionKey: values['function-key'] }),
  log,
});
front.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = front.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  console.log(JSON.stringify({ ready: true, port, functions: [...registrations.functions.keys()] }));
});

let stopping = false;
/** Takes no more requests, lets those in flight finish (five seconds at most), then ends. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  front.closeIdleConnections();
  const closed = new Promise((done) => front.close(done));
  const deadline = new Promise((done) => setTimeout(done, 5000).unref());
  await Promise.race([closed, deadline]);
  for (const hook of registrations.hooks.appTerminate) await hook({ hookData: {} });
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
process.on('disconnect', () => void stop());
