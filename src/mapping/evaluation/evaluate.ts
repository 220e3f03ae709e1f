import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createTurns } from '../../lib/in-turn.ts';
import type { Evaluated, Evaluation, MappingText } from './messages.ts';

/**
 * How long an evaluation may take, in ms in which the process had the processor: what stands still or waits for its turn on a
 * busy machine is not slow. One of the first evaluations also reads the tables of countries or phones.
 */
export const evaluationTimeoutMs = 5000;
/** Asking for the processor's time takes as long as some evaluations: one that ends within so many ms is not measured. */
const unmeasuredMs = 1000;

/** Largest heap of the thread, in MB. A mapping that needs more ends it. */
const heapLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16 };

/** In the bundle every module is one file of JavaScript; scripts/build.ts gives the thread one of its own. */
const workerFile = import.meta.url.endsWith('.ts') ? './worker.ts' : './mapping-worker.mjs';

/** The thread, and the mappings that it has been given. */
interface Thread {
  readonly worker: Worker;
  readonly ids: Map<MappingText, number>;
}

let thread: Thread | undefined;
const inTurn = createTurns();

/**
 * Evaluates a mapping in a thread of its own, one at a time, for {@link evaluationTimeoutMs} at most; one that takes longer, or
 * more memory than the thread has, is ended with the thread. The thread starts with the first evaluation and keeps no process
 * alive. Rejects if it cannot be started.
 */
export function evaluate(mapping: MappingText, payload: unknown): Promise<Evaluated> {
  return inTurn('thread', async () => {
    thread ??= await start();
    thread.worker.ref();
    try {
      return await evaluateIn(thread, mapping, JSON.stringify(payload));
    } finally {
      thread?.worker.unref();
    }
  });
}

async function start(): Promise<Thread> {
  const worker = new Worker(new URL(workerFile, import.meta.url), { resourceLimits: heapLimits });
  // It says that it has loaded what every mapping needs: a slow start must not count as a slow mapping.
  await once(worker, 'message');
  worker.on('error', () => forget(worker));
  return { worker, ids: new Map() };
}

function forget(ended: Worker): void {
  if (thread?.worker === ended) thread = undefined;
}

async function evaluateIn(
  { worker, ids }: Thread,
  mapping: MappingText,
  payload: string | undefined,
): Promise<Evaluated> {
  const known = ids.get(mapping);
  const id = known ?? ids.size;
  if (!mapping.isDraft) ids.set(mapping, id);
  const evaluation: Evaluation = { id, ...(known === undefined && { mapping }), payload };
  const { promise, resolve } = Promise.withResolvers<Evaluated | { readonly ended: string }>();
  const onError = () => resolve({ ended: 'needs too much memory' });
  let began: NodeJS.CpuUsage | undefined;
  const onTimeout = () => {
    began ??= process.cpuUsage();
    const { user, system } = process.cpuUsage(began);
    const leftMs = evaluationTimeoutMs - unmeasuredMs - (user + system) / 1000;
    if (leftMs > 0) timer = setTimeout(onTimeout, leftMs);
    else resolve({ ended: `takes longer than ${evaluationTimeoutMs} ms` });
  };
  let timer = setTimeout(onTimeout, unmeasuredMs);
  worker.once('message', resolve).once('error', onError);
  worker.postMessage(evaluation);
  const evaluated = await promise;
  clearTimeout(timer);
  worker.off('message', resolve).off('error', onError);
  if (!('ended' in evaluated)) return evaluated;
  forget(worker);
  await worker.terminate();
  return { message: `the mapping ${mapping.file} ${evaluated.ended} for this payload` };
}
