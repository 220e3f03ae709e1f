import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Unusable } from '../cli/errors.ts';
import { appFolder } from '../src/app-folder.ts';

export interface FunctionHost {
  /** Base address without `/api`, for instance `http://127.0.0.1:7071`. */
  readonly url: string;
  /** The names of the registered functions. */
  readonly functions: readonly string[];
  readonly process: ChildProcess;
  /** Everything that the host printed so far. */
  log(): string;
  /** Ends the process as Azure does (SIGTERM) and waits for it. */
  stop(): Promise<void>;
}

export interface FunctionHostOptions {
  /** The app to load: `functions/index.ts` (default) or the bundle. */
  readonly app?: string;
  /** 0 or absent: a free port. */
  readonly port?: number;
  /** App settings; nothing else of the relay's is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: function keys are not checked. */
  readonly functionKey?: string;
  readonly queueLockMs?: number;
  /** No timer runs by its schedule. Absent: as TIMERS_BY_HAND of this process says. */
  readonly areTimersByHand?: boolean;
  readonly folder?: string;
  /** The app alone in the process, as in Azure; the host's side in another one. */
  readonly isApart?: boolean;
  /** Let a debugger attach at this port; 0: a free one. */
  readonly inspect?: number;
  /** Print the host's log as it comes. */
  readonly echo?: boolean;
}

/**
 * Starts the local function host as a process of its own and waits until it is ready.
 * Throws {@link Unusable} with its log if it ends before.
 */
export async function startFunctionHost(options: FunctionHostOptions): Promise<FunctionHost> {
  const child = spawn(
    process.execPath,
    [
      ...(options.inspect === undefined
        ? []
        : ['--enable-source-maps', `--inspect=127.0.0.1:${options.inspect}`]),
      join(appFolder, 'local', 'host', 'main.ts'),
      '--app',
      options.app ?? 'functions/index.ts',
      '--port',
      String(options.port ?? 0),
      ...(options.functionKey ? ['--function-key', options.functionKey] : []),
      ...(options.isApart ? ['--apart'] : []),
      ...((options.areTimersByHand ?? process.env.TIMERS_BY_HAND === 'true') ? ['--timers-by-hand'] : []),
      ...(options.queueLockMs ? ['--queue-lock-ms', String(options.queueLockMs)] : []),
    ],
    {
      cwd: options.folder ?? appFolder,
      env: { PATH: process.env.PATH ?? '', ...compileCache(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const log: string[] = [];
  const keep = (chunk: Buffer) => {
    log.push(chunk.toString());
    if (options.echo) process.stderr.write(chunk);
  };
  child.stderr?.on('data', keep);
  const exited = once(child, 'exit');

  const ready = await new Promise<{ port: number; functions: string[] }>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Unusable(`The function host ended with ${code}:\n${log.join('')}`)),
    );
    if (!child.stdout) return reject(new Error('the function host has no output'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line));
      else keep(Buffer.from(`${line}\n`));
    });
  });
  return {
    url: `http://127.0.0.1:${ready.port}`,
    functions: ready.functions,
    process: child,
    log: () => log.join(''),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Where Node.js keeps compiled code, if this process says so: https://nodejs.org/api/module.html#module-compile-cache */
function compileCache(): Readonly<Record<string, string>> {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};
}
