import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type * as z from 'zod';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import { appFolder } from '../../src/app-folder.ts';
import { type Load, type LoadResult, loadResultSchema } from './load.ts';
import { type Usage, usageSchema } from './usage.ts';

const fileOf = (name: string): string => join(appFolder, 'bench', 'processes', name);

/** Asks a child over IPC. Throws when it ends instead of answering. */
export async function ask<Answer>(
  child: ChildProcess,
  question: object,
  schema: z.ZodType<Answer>,
): Promise<Answer> {
  const over = new AbortController();
  const { signal } = over;
  const answered = once(child, 'message', { signal });
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process of the benchmark ended with ${code}`);
  });
  child.send(question);
  try {
    const [answer] = await Promise.race([answered, ended]);
    return schema.parse(answer);
  } finally {
    over.abort();
    await Promise.allSettled([answered, ended]);
  }
}

export interface Child {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a script of this folder in a process of its own; it ends with this one. */
export function startChild(script: string, args: readonly string[] = []): Child {
  const child = fork(fileOf(script), args);
  return {
    process: child,
    async stop() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

export interface LoadGenerator {
  make(load: Load): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function startLoadGenerator(): LoadGenerator {
  const child = startChild('generate-load.ts');
  return { make: (load) => ask(child.process, load, loadResultSchema), stop: child.stop };
}

/** An app in the local function host, which tells what it uses. */
export interface WatchedHost extends FunctionHost {
  usage(): Promise<Usage>;
}

export interface WatchedHostOptions {
  /** App settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Functions that it does not run, by Azure's app setting for that. */
  readonly without?: readonly string[];
  readonly nodeOptions?: string;
}

/** Starts an app in a host of its own, alone in its process, without its timers: what that uses is for what it is sent. */
export async function startWatchedHost(app: string, options: WatchedHostOptions): Promise<WatchedHost> {
  const { env, without = [], nodeOptions = '' } = options;
  const disabled = Object.fromEntries(without.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']));
  const host = await startFunctionHost({
    app,
    isApart: true,
    // What runs by the clock would be counted as some change's.
    areTimersByHand: true,
    env: { ...env, ...disabled, NODE_OPTIONS: `--import=${fileOf('tell-usage.ts')} ${nodeOptions}` },
  });
  return { ...host, usage: () => ask(host.process, { tell: 'usage' }, usageSchema) };
}
