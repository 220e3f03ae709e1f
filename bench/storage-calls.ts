import { setTimeout as delay } from 'node:timers/promises';
import { startSurroundings } from '../local/stack.ts';
import { monthlyCost, readCostInputs } from '../scripts/monthly-cost.ts';
import { patches, untilApplied } from './applied.ts';
import { countStorageCalls, type StorageCalls } from './counting-proxy.ts';
import { report } from './measure.ts';
import { type LoadGenerator, startWatchedHost } from './processes/children.ts';
import { addCustomers, manyWrites, webhooksOf } from './shopify-webhook.ts';

const warmUp = 600;
const oneByOne = 40;
const together = 400;
const million = 1_000_000;

/** Counts what a change on the good path asks of storage, the host's own calls included, and what that costs a month. */
export async function measureStorageCalls(app: string, load: LoadGenerator): Promise<void> {
  const surroundings = await startSurroundings();
  addCustomers(surroundings.sandbox);
  const storage = await countStorageCalls(surroundings.env.AzureWebJobsStorage ?? '');
  const env = { ...surroundings.env, ...manyWrites, AzureWebJobsStorage: storage.connectionString };
  const host = await startWatchedHost(app, { env });
  const { sandbox } = surroundings;
  const target = webhooksOf(host.url);
  try {
    const send = async (senders: number, count: number) => {
      const before = patches(sandbox);
      await load.make({ target, senders, until: { count } });
      return before;
    };
    await untilApplied({ sandbox, host }, await send(16, warmUp), warmUp);

    const alone = await countedWhile(storage.calls, oneByOne, async () => {
      for (let change = 0; change < oneByOne; change++) {
        const before = await send(1, 1);
        while (patches(sandbox) === before) await delay(10);
      }
      await untilApplied({ sandbox, host }, patches(sandbox), 0);
    });
    const shared = await countedWhile(storage.calls, together, async () => {
      await untilApplied({ sandbox, host }, await send(16, together), together);
    });
    reportCalls('storage calls per change, one at a time', alone, 'each applied before the next is sent');
    reportCalls(
      'storage calls per change, 16 senders',
      shared,
      'a bare message: put, its share of a get, delete',
    );
    await reportCost(alone, shared);
  } finally {
    await host.stop();
    await storage.close();
    await surroundings.stop();
  }
}

/** The calls per change during the work. */
async function countedWhile(
  calls: StorageCalls,
  changes: number,
  work: () => Promise<void>,
): Promise<StorageCalls> {
  const before = { ...calls };
  await work();
  return {
    tables: (calls.tables - before.tables) / changes,
    pauses: (calls.pauses - before.pauses) / changes,
    queues: (calls.queues - before.queues) / changes,
  };
}

function reportCalls(what: string, { tables, pauses, queues }: StorageCalls, beside: string): void {
  report(
    what,
    `${(tables + queues).toFixed(2)}: tables ${tables.toFixed(2)}, queue ${queues.toFixed(2)}`,
    beside,
  );
  report(
    '  readings of what is paused, beside them',
    pauses.toFixed(2),
    'one in five seconds, however many changes',
  );
}

async function reportCost(alone: StorageCalls, shared: StorageCalls): Promise<void> {
  const { prices, workload } = await readCostInputs();
  const storageCallsPerChange = {
    oneAtATime: { tables: alone.tables, queue: alone.queues },
    sixteenSenders: { tables: shared.tables, queue: shared.queues },
  };
  const { total, storage } = monthlyCost(million, {
    prices,
    workload: { ...workload, storageCallsPerChange },
  });
  report(
    'a month of a million changes, evenly spread',
    `$${total.toFixed(2)}, storage $${storage.toFixed(2)}`,
    `infra/README.md says $${monthlyCost(million, { prices, workload }).total.toFixed(2)}`,
  );
}
