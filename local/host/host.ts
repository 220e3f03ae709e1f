import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readHostJson } from './host-json.ts';
import { createHttpFront } from './http-front.ts';
import type { LogLine, Worker } from './invoke.ts';
import { Running } from './running.ts';
import { assertSupported, startTriggers } from './triggers.ts';

export interface HostOptions {
  readonly port: number;
  /** Absent: keys are not checked. */
  readonly functionKey?: string | undefined;
  readonly queueLockMs: number;
  /** No timer runs by its schedule. */
  readonly areTimersByHand: boolean;
}

export interface Host {
  readonly port: number;
  /** Takes no more work, and lets what is running finish, for five seconds at most. */
  stop(): Promise<void>;
}

const stopTimeoutMs = 5000;

/** Starts HTTP and the other triggers for an app, by host.json in the working folder. Throws if the app needs more than this host has. */
export async function startHost(worker: Worker, options: HostOptions, log: LogLine): Promise<Host> {
  const hostJson = await readHostJson('host.json');
  assertSupported(worker.functions);
  const running = new Running();
  const { queues, routePrefix } = hostJson;
  const { queueLockMs, areTimersByHand } = options;
  const triggers = await startTriggers({ worker, queues, queueLockMs, areTimersByHand, running, log });
  const front = createHttpFront({
    worker,
    routePrefix,
    ...(options.functionKey && { functionKey: options.functionKey }),
    byHand: triggers.byHand,
    running,
    log,
  });
  front.listen(options.port, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  return {
    port,
    async stop() {
      front.close();
      void running.add(triggers.stop());
      if (!(await running.settled(stopTimeoutMs)))
        log('warning', 'host', '-', 'stopped with work unfinished');
    },
  };
}
