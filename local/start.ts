/**
 * `npm start`: the relay and all that it needs, on this machine, until Ctrl-C.
 *   --port 7071      port of the relay
 *   --watch          restart the functions when a file changes
 *   --function-key K demand this key where Azure would demand one
 *   --trace          print the trace of each delivery as a tree
 *   --func           run the functions by Azure's own `func` instead of the local host
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { appFolder } from '../src/app-folder.ts';
import { type FunctionHost, startFunctionHost } from './function-host.ts';
import { sourcesOf } from './relay-file.ts';
import { startSurroundings, stateFolder } from './stack.ts';
import { startTraceCollector } from './trace-collector.ts';
import { tracePrinter } from './trace-tree.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7071' },
    'sandbox-port': { type: 'string', default: '0' },
    'vault-port': { type: 'string', default: '0' },
    'function-key': { type: 'string' },
    watch: { type: 'boolean', default: false },
    func: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const surroundings = await startSurroundings({
  sandboxPort: Number(values['sandbox-port']),
  vaultPort: Number(values['vault-port']),
  keepStorage: true,
  sources: await sourcesOf(),
});
const collector = values.trace ? await startTraceCollector(tracePrinter(console.log)) : undefined;
const env = { ...surroundings.env, ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }) };
const stackFile = join(stateFolder, 'stack.json');
try {
  if (values.func) await runFunc();
  else await runLocalHost();
} finally {
  await rm(stackFile, { force: true });
  await collector?.close();
  await surroundings.stop();
}

async function announce(relay: string): Promise<void> {
  const functionKey = values['function-key'];
  await writeFile(stackFile, JSON.stringify({ relay, sandbox: surroundings.sandbox.url, functionKey }));
  console.log(`relay      ${relay}/api/health`);
  console.log(`sandbox    ${surroundings.sandbox.url}/_control/customers`);
  console.log(`key vault  ${surroundings.vault.url}`);
  console.log('Send a signed sample: npm run send -- shopify      Stop: Ctrl-C');
}

async function runLocalHost(): Promise<void> {
  const start = (): Promise<FunctionHost> =>
    startFunctionHost({
      port: Number(values.port),
      env,
      echo: true,
      ...(values['function-key'] && { functionKey: values['function-key'] }),
    });
  let host: FunctionHost | undefined = await start();
  await announce(host.url);
  const changes = values.watch ? fileChanges() : undefined;
  while (!stop.signal.aborted) {
    await Promise.race([aborted(), ...(changes ? [changes.next()] : [])]);
    if (stop.signal.aborted) break;
    await host?.stop();
    host = await start().catch((error: Error) => {
      console.error(error.message);
      return undefined;
    });
    if (host) console.log('restarted');
  }
  await host?.stop();
}

/** Resolves at the next change of a file that the functions are made of. */
function fileChanges(): { next(): Promise<void> } {
  let changed = Promise.withResolvers<void>();
  for (const path of ['functions', 'src', 'mappings', 'relay.json', 'host.json']) {
    watch(join(appFolder, path), { recursive: true, signal: stop.signal }, () => changed.resolve());
  }
  return {
    async next() {
      await changed.promise;
      changed = Promise.withResolvers();
    },
  };
}

async function runFunc(): Promise<void> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await once(spawn(npm, ['run', 'build'], { cwd: appFolder, stdio: 'inherit' }), 'exit');
  const child = spawn('func', ['start', '--port', values.port], {
    cwd: appFolder,
    stdio: 'inherit',
    env: { ...process.env, ...env, FUNCTIONS_WORKER_RUNTIME: 'node' },
  });
  const ended = once(child, 'exit').catch(() => {
    console.error('func is not on the PATH: install Azure Functions Core Tools, or start without --func.');
    stop.abort();
  });
  await announce(`http://127.0.0.1:${values.port}`);
  await Promise.race([ended, aborted()]);
  child.kill('SIGTERM');
  await ended;
}

function aborted(): Promise<unknown> {
  return stop.signal.aborted ? Promise.resolve() : once(stop.signal, 'abort');
}
