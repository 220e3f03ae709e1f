import { setTimeout as delay } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { followDelivery } from '../local/sender.ts';
import { startStack } from '../local/stack.ts';
import { manyWrites, postChange } from './made-up-delivery.ts';
import { milliseconds, report, spread, timeMany } from './measure.ts';

const deliveries = 500;
const sideBySide = 8;

/** How long a sender waits for the 202, how long that of one message into the queue is, and how long until DirectScale has it. */
export async function measureLatency(bundle: string): Promise<void> {
  const stack = await startStack({ host: { app: bundle, env: manyWrites } });
  try {
    const [first = Number.NaN] = await timeMany(1, 1, async () => void (await postChange(stack.host.url, 0)));
    report('first delivery', `${milliseconds(first)} (reads a secret, opens storage)`);

    const queue = new QueueClient(stack.env.AzureWebJobsStorage ?? '', 'bare-enqueue');
    await queue.create();
    const message = Buffer.from('x'.repeat(200)).toString('base64');
    const bare = await timeMany(deliveries, sideBySide, async () => void (await queue.sendMessage(message)));
    report(`bare enqueue, ${sideBySide} at a time`, spread(bare));

    const accepted = await timeMany(
      deliveries,
      sideBySide,
      async (index) => void (await postChange(stack.host.url, index + 1)),
    );
    report(`webhook to 202, ${sideBySide} at a time`, spread(accepted));

    while ((await pendingChanges(stack.host.url)) > 0) await delay(200);
    const applied = await timeMany(30, 1, async (index) => {
      const response = await postChange(stack.host.url, deliveries + index + 1);
      const last = await followDelivery(response);
      if (last.status !== 200) throw new Error(`the delivery ended with ${last.status}`);
    });
    report('webhook to DirectScale, idle', spread(applied));
  } finally {
    await stack.stop();
  }
}

async function pendingChanges(relayUrl: string): Promise<number> {
  const response = await fetch(`${relayUrl}/api/deliveries?status=pending&limit=1`);
  const { changes } = (await response.json()) as { changes: unknown[] };
  return changes.length;
}
