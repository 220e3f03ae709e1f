import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';
import type { Host, HostOptions } from './host.ts';
import type { Invocation, Invoked, Worker } from './invoke.ts';
import { together } from './together.ts';

/** What the process of the host is told at its start. */
export interface Start {
  readonly functions: Worker['functions'];
  readonly streamingUri?: string;
  readonly options: HostOptions;
}

/** What it says: that it is ready, or invocations to be run here. */
const saidSchema = z.union([
  z.object({ port: z.int() }),
  // They are made by the same code in the other process.
  z.object({ invocations: z.custom<readonly Invocation[]>(Array.isArray) }),
]);

/** How an invocation ended. */
export type Ended =
  | { readonly id: string; readonly invoked: Invoked }
  | { readonly id: string; readonly failed: string };

/**
 * Starts the host's side (HTTP, triggers) in a process of its own, which runs each invocation in this one: as in Azure,
 * where the host is a process beside the worker. It ends with this one. Throws if it cannot start.
 */
export async function startHostApart(worker: Worker, options: HostOptions): Promise<Host> {
  const child = fork(join(import.meta.dirname, 'apart-main.ts'), {
    serialization: 'advanced',
    // What is loaded into the worker to watch it is not for the host.
    env: { ...process.env, NODE_OPTIONS: '' },
    execArgv: [],
  });
  const tell = together<Ended>((ended) => child.send(ended));
  const ready = Promise.withResolvers<number>();
  child.on('message', (message) => {
    const said = saidSchema.parse(message);
    if ('port' in said) ready.resolve(said.port);
    else for (const invocation of said.invocations) void run(invocation);
  });
  child.once('exit', (code) => {
    ready.reject(new Error(`the host's process ended with ${code}`));
    // A host without its worker, and a worker without its host, are of no use.
    if (!stopping) process.exit(1);
  });
  let stopping = false;
  const { functions, streamingUri } = worker;
  child.send({ functions, ...(streamingUri !== undefined && { streamingUri }), options } satisfies Start);
  return {
    port: await ready.promise,
    async stop() {
      stopping = true;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };

  async function run(invocation: Invocation): Promise<void> {
    const { id } = invocation;
    try {
      tell({ id, invoked: await worker.invoke(invocation) });
    } catch (error) {
      tell({ id, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
}
