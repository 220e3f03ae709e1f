import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { type Forwarded, watchSurroundings } from '../local/forwarding-proxy.ts';
import { startFunctionHost } from '../local/function-host.ts';
import { followDelivery } from '../local/sender.ts';
import { startSurroundings } from '../local/stack.ts';
import { manyWrites, postChange } from './made-up-delivery.ts';
import { report } from './measure.ts';

const unitPrice = z.object({ per: z.number(), price: z.number() });
const pricesSchema = z.object({
  tableOperations: unitPrice,
  queueOperations: unitPrice,
  functionExecutions: unitPrice,
  functionGigabyteSeconds: unitPrice,
  instanceGigabytes: z.number(),
  concurrentExecutionsPerInstance: z.number(),
});

const changes = 50;
const million = 1_000_000;
/** How long the two executions of a change take with DirectScale's answer in them: an assumption, not measured here. */
const secondsPerChange = 0.4;

/** Counts what one change on the good path asks of storage, and multiplies by the unit prices. */
export async function measureCost(bundle: string): Promise<void> {
  const prices = pricesSchema.parse(JSON.parse(await readFile('bench/unit-prices.json', 'utf8')));
  const counts = await countOperations(bundle);
  const tables = counts.filter(({ to }) => to === 'tables').length / changes;
  // A poll that finds nothing is no part of a change: the host makes it all the time, and one read of each message.
  const queues = counts.filter(({ to, method }) => to === 'queues' && method !== 'GET').length / changes + 1;
  report(
    'storage operations per change',
    `${tables.toFixed(1)} of tables, ${queues.toFixed(1)} of the queue`,
  );

  const cost = (units: number, { per, price }: z.infer<typeof unitPrice>) => (units / per) * price;
  const storage = million * (cost(tables, prices.tableOperations) + cost(queues, prices.queueOperations));
  const executions = cost(2 * million, prices.functionExecutions);
  const gigabyteSeconds =
    (million * secondsPerChange * prices.instanceGigabytes) / prices.concurrentExecutionsPerInstance;
  const memory = cost(gigabyteSeconds, prices.functionGigabyteSeconds);
  const total = storage + executions + memory;
  report(
    'cost per million changes',
    `$${total.toFixed(2)}: storage $${storage.toFixed(2)}, executions $${executions.toFixed(2)}, memory $${memory.toFixed(2)} (bench/unit-prices.json)`,
  );
}

async function countOperations(bundle: string): Promise<Forwarded[]> {
  const surroundings = await startSurroundings();
  let counted: Forwarded[] = [];
  const watched = await watchSurroundings(surroundings, (forwarded, when) => {
    if (when === 'before') counted.push(forwarded);
    return 'go on';
  });
  const host = await startFunctionHost({ app: bundle, env: { ...watched.env, ...manyWrites } });
  try {
    await followDelivery(await postChange(host.url, 0));
    counted = [];
    for (let index = 1; index <= changes; index++) await postChange(host.url, index);
    const done = () => counted.filter(({ to, method }) => to === 'queues' && method === 'DELETE').length;
    while (done() < changes) await delay(50);
    return counted;
  } finally {
    await host.stop();
    await watched.close();
    await surroundings.stop();
  }
}
