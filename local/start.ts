/** `npm start`: the relay and all that it needs, on this machine, until Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { Unusable } from '../cli/errors.ts';
import { readAs, useLocalSettings } from '../cli/local-settings.ts';
import { readArguments, readNumber, runProgram } from '../cli/program.ts';
import { buildConsole } from '../scripts/build/console.ts';
import { appFolder } from '../src/app-folder.ts';
import { settingsSchema } from '../src/config/settings.ts';
import { watchFiles } from './file-changes.ts';
import { type FunctionHost, startFunctionHost } from './function-host.ts';
import { relayConfig } from './relay-file.ts';
import { claimStack } from './running-stack.ts';
import { newCustomersSchema } from './sandbox/customer.ts';
import { type OwnSurroundings, startOwnSurroundings } from './stack.ts';
import { stateFolder } from './state-folder.ts';
import { startTraceCollector } from './trace-collector.ts';
import { tracePrinter } from './trace-tree.ts';

const usage = `usage: npm start -- [options]
  --port 7071         port of the relay; also --sandbox-port, --vault-port
  --watch             restart the functions when a file, a mapping or relay.json changes
  --fresh             forget what earlier runs left in .local: storage and the sandbox's customers
  --customers FILE    add these customers to the sandbox: [{"CustomerId": 20001, "FirstName": "Lea"}]
  --function-key K    demand this key where Azure would demand one
  --trace             print the trace of each delivery as a tree
  --inspect PORT      let a debugger attach to the functions
  --func              run the functions by Azure's own func instead of the local host
Settings and RELAY_CONFIG come from the environment, else from local.settings.json.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  port: { ...text, default: '7071' },
  'sandbox-port': { ...text, default: '0' },
  'vault-port': { ...text, default: '0' },
  'function-key': text,
  customers: text,
  inspect: text,
  watch: flag,
  fresh: flag,
  func: flag,
  trace: flag,
} as const;

type Options = ReturnType<typeof readArguments<typeof options>>['values'];

/** What the surroundings stand for, or what has no sense on this machine. */
const ofTheStack = [
  'KEY_VAULT_URL',
  'AZURE_CLIENT_ID',
  'DIRECTSCALE_BASE_URL',
  'DIRECTSCALE_ENVIRONMENT',
  'PUBLIC_URL',
  'RELAY_CONFIG',
];

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

/** Throws what the system says of a port that somebody else has. */
async function assertFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

interface Run {
  readonly values: Options;
  readonly port: number;
  readonly inspect: number | undefined;
  readonly surroundings: OwnSurroundings;
  readonly env: Readonly<Record<string, string>>;
  readonly announce: Awaited<ReturnType<typeof claimStack>>['announce'];
}

async function customersIn(file: string): Promise<z.output<typeof newCustomersSchema>> {
  return readAs(newCustomersSchema, await readFile(file, 'utf8'), file);
}

/** The settings of the relay that somebody set, except those that the stack itself answers for. */
function ownSettings(): Record<string, string> {
  const names = Object.keys(settingsSchema.shape).filter((name) => !ofTheStack.includes(name));
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

async function announce(
  { values, surroundings, announce }: Run,
  relay: string,
  isFirst = true,
): Promise<void> {
  const functionKey = values['function-key'];
  const sandbox = surroundings.sandbox.url;
  await announce({ relay, sandbox, relayConfig: relayConfig(), ...(functionKey && { functionKey }) });
  if (!isFirst) {
    console.log('restarted');
    return;
  }
  console.log(`relay      ${relay}/api/health, with the sources of ${relayConfig()}`);
  console.log(`console    ${relay}/api/console`);
  console.log(`sandbox    ${sandbox}/_control/customers`);
  console.log(`key vault  ${surroundings.vault.url}, filled with made-up secrets`);
  console.log(`data       ${join(stateFolder, 'stack')}, until npm start -- --fresh`);
  console.log('Send a signed sample: npm run send -- shopify      Stop: Ctrl-C');
}

/** Runs until it is told to stop. Throws {@link Unusable} if something is wrong that nobody watches for. */
async function runLocalHost(run: Run): Promise<void> {
  const { values } = run;
  if (!values.watch) {
    await run.surroundings.refresh();
    const host = await startHost(run);
    try {
      await announce(run, host.url);
      await assertConfigured(run, host.url);
      await Promise.race([aborted(), ended(host)]);
    } finally {
      await host.stop();
    }
    return;
  }
  await runWatching(run);
}

/** The same, and starts the host anew after each change. What is wrong is said, and mended while it is watched. */
async function runWatching(run: Run): Promise<void> {
  const ofTheApp = ['functions', 'src', 'console', 'mappings', 'host.json'].map((path) =>
    join(appFolder, path),
  );
  let changed = Promise.withResolvers<void>();
  const watchAlso = (paths: readonly string[]) =>
    watchFiles([...ofTheApp, ...paths], () => changed.resolve());
  let watcher = watchAlso([resolve(appFolder, relayConfig())]);
  let isFirst = true;
  while (!stop.signal.aborted) {
    changed = Promise.withResolvers<void>();
    let host: FunctionHost | undefined;
    try {
      const watched = await run.surroundings.refresh();
      // Before the host reads them: a change from here on is one more start.
      const before = watcher;
      watcher = watchAlso(watched);
      before.close();
      host = await startHost(run);
      await announce(run, host.url, isFirst);
      isFirst = false;
      await assertConfigured(run, host.url);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      console.error(error.message);
    }
    const died =
      host &&
      ended(host).catch(({ message }: Error) => console.error(`${message} It starts again after a change.`));
    await Promise.race([aborted(), changed.promise]);
    await host?.stop();
    await died;
  }
  watcher.close();
}

async function startHost({ values, port, inspect, env }: Run): Promise<FunctionHost> {
  await buildConsole(appFolder);
  return startFunctionHost({
    port,
    env,
    echo: true,
    ...(values['function-key'] && { functionKey: values['function-key'] }),
    ...(inspect !== undefined && { inspect }),
  });
}

/** Rejects when the host ends by itself. */
async function ended({ process: child }: FunctionHost): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (stop.signal.aborted || child.killed) return;
  throw new Unusable(
    `The function host ended by itself (${child.signalCode ?? `exit code ${child.exitCode}`}).`,
  );
}

const healthSchema = z.object({
  configuration: z.array(z.object({ path: z.string(), message: z.string() })),
});

/** Throws {@link Unusable} with what the relay finds wrong with relay.json, mappings and settings. */
async function assertConfigured({ values }: Run, relay: string): Promise<void> {
  const headers = { 'x-functions-key': values['function-key'] ?? '' };
  // No answer: the host has ended, which is told by whoever waits for it.
  const answer = await fetch(`${relay}/api/health/details`, { headers }).catch(() => undefined);
  if (!answer) return;
  const { configuration } = healthSchema.parse(await answer.json());
  if (configuration.length === 0) return;
  const copy = /\S*process-\d+\/relay\.json/g;
  throw new Unusable(
    configuration.map(({ path, message }) => `${path.replace(copy, relayConfig())}: ${message}`).join('\n'),
  );
}

async function runFunc(run: Run): Promise<void> {
  const { port, env, surroundings } = run;
  await surroundings.refresh();
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await once(spawn(npm, ['run', 'build'], { cwd: appFolder, stdio: 'inherit' }), 'exit');
  const relay = `http://127.0.0.1:${port}`;
  const child = spawn('func', ['start', '--port', String(port)], {
    cwd: appFolder,
    stdio: 'inherit',
    // func sets WEBSITE_HOSTNAME, as Azure does, but serves plain http: addresses would be https.
    env: { ...process.env, ...env, FUNCTIONS_WORKER_RUNTIME: 'node', PUBLIC_URL: relay },
  });
  const failed = once(child, 'error').then(() => {
    throw new Unusable(
      'func is not on the PATH: install Azure Functions Core Tools, or start without --func.',
    );
  });
  const exited = once(child, 'exit');
  // Whichever comes first; the other one may never come.
  failed.catch(() => undefined);
  exited.catch(() => undefined);
  try {
    await Promise.race([failed, once(child, 'spawn')]);
    await announce(run, relay);
    await Promise.race([failed, exited, aborted()]);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) {
      child.kill('SIGTERM');
      await exited;
    }
  }
}

function aborted(): Promise<unknown> {
  return stop.signal.aborted ? Promise.resolve() : once(stop.signal, 'abort');
}

// Last: what is declared above is there by then.
await runProgram(usage, async (args) => {
  const { values } = readArguments(args, options);
  const port = readNumber('port', values.port, 0, 65_535);
  const inspect = values.inspect === undefined ? undefined : readNumber('inspect', values.inspect, 0, 65_535);
  await useLocalSettings();
  const keepIn = join(stateFolder, 'stack');
  const claim = await claimStack();
  try {
    await assertFree(port);
    if (values.fresh) await rm(keepIn, { recursive: true, force: true });
    const keySecret = process.env.DIRECTSCALE_KEY_SECRET;
    const surroundings = await startOwnSurroundings(relayConfig(), {
      sandboxPort: readNumber('sandbox-port', values['sandbox-port'], 0, 65_535),
      vaultPort: readNumber('vault-port', values['vault-port'], 0, 65_535),
      keepIn,
      ...(keySecret && { keySecret }),
      ...(values.customers && { customers: await customersIn(values.customers) }),
    });
    const collector = values.trace ? await startTraceCollector(tracePrinter(console.log)) : undefined;
    const running = { values, port, inspect, surroundings, announce: claim.announce };
    const env = {
      ...ownSettings(),
      ...surroundings.env,
      ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }),
    };
    try {
      if (values.func) await runFunc({ ...running, env });
      else await runLocalHost({ ...running, env });
    } finally {
      await collector?.close();
      await surroundings.stop();
    }
  } finally {
    await claim.release();
  }
});
