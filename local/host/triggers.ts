import { type FunctionMetadata, triggerOf } from './core-module.ts';
import type { QueueSettings } from './host-json.ts';
import { type LogLine, newInvocationId, type Worker } from './invoke.ts';
import { type QueueTrigger, startQueueTrigger } from './queue-trigger.ts';
import type { Running } from './running.ts';
import { startTimerTrigger, type TimerTrigger } from './timer-trigger.ts';

export interface TriggersOptions {
  readonly worker: Worker;
  readonly queues: QueueSettings;
  readonly queueLockMs: number;
  readonly areTimersByHand: boolean;
  readonly running: Running;
  readonly log: LogLine;
}

export interface Triggers {
  /** Runs a function by hand: name to starter. The starter never rejects. */
  readonly byHand: ReadonlyMap<string, (input: string) => Promise<void>>;
  stop(): Promise<void>;
}

/** Nothing triggers it but a call by hand: https://learn.microsoft.com/azure/azure-functions/disable-function */
function isDisabled(name: string): boolean {
  return /^(true|1)$/i.test(process.env[`AzureWebJobs.${name}.Disabled`] ?? '');
}

/**
 * Throws if a function has a binding that this host does not have: HTTP, storage queue and timer triggers and the
 * HTTP answer are all. Silence would look like an app that does nothing.
 */
export function assertSupported(functions: Iterable<FunctionMetadata>): void {
  for (const { name, bindings } of functions) {
    for (const { type, direction } of Object.values(bindings)) {
      const supported = direction === 'out' ? /^http$/i : /^(http|queue|timer)trigger$/i;
      if (!supported.test(type))
        throw new Error(`function ${name}: the local host has no ${direction} binding ${type}`);
    }
  }
}

/** Starts everything but HTTP. Throws if a schedule is not valid; a queue that cannot be listened to is logged. */
export async function startTriggers({
  worker,
  queues,
  queueLockMs,
  areTimersByHand,
  running,
  log,
}: TriggersOptions): Promise<Triggers> {
  const byHand = new Map<string, (input: string) => Promise<void>>();
  const started: (QueueTrigger | TimerTrigger)[] = [];
  for (const metadata of worker.functions) {
    const { name } = metadata;
    const { inputName, trigger } = triggerOf(metadata);
    const run = (inputData: unknown, triggerMetadata: Readonly<Record<string, unknown>>) =>
      running.add(runLogged(name, inputName, inputData, triggerMetadata));
    const runQuietly = (inputData: unknown, triggerMetadata = {}) =>
      run(inputData, triggerMetadata).catch(() => undefined); // its failure is in the log
    const isOn = !isDisabled(name);
    if (/^queuetrigger$/i.test(trigger.type)) {
      try {
        if (isOn)
          started.push(
            await startQueueTrigger({
              trigger,
              settings: queues,
              lockMs: queueLockMs,
              run: (text, triggerMetadata) => run({ string: text }, triggerMetadata),
              log: (level, message) => log(level, name, '-', message),
            }),
          );
      } catch (error) {
        // As in Azure: the other functions work.
        const message = error instanceof Error ? error.message : String(error);
        log('error', name, '-', `the listener could not be started: ${message}`);
      }
      byHand.set(name, (input) => runQuietly({ string: input }, { QueueTrigger: { string: input } }));
    } else if (/^timertrigger$/i.test(trigger.type)) {
      const timer = startTimerTrigger({ trigger, isOn: isOn && !areTimersByHand, run: runQuietly });
      started.push(timer);
      byHand.set(name, () => timer.runNow());
    }
  }
  return {
    byHand,
    async stop() {
      await Promise.all(started.map((trigger) => trigger.stop()));
    },
  };

  async function runLogged(
    functionName: string,
    inputName: string,
    inputData: unknown,
    triggerMetadata: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const id = newInvocationId();
    try {
      await worker.invoke({ id, functionName, inputName, inputData, triggerMetadata });
    } catch (error) {
      log('error', functionName, id, `failed: ${error instanceof Error ? error.stack : String(error)}`);
      throw error;
    }
  }
}
