import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TableClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { expect, test } from 'vitest';
import { startAzurite } from '../../local/azurite.ts';

const timeout = 60_000;

/** True while something answers on the queue endpoint. */
function answers(connectionString: string): Promise<boolean> {
  const url = /QueueEndpoint=([^;]+)/.exec(connectionString)?.[1];
  if (!url) throw new Error('The connection string has no queue endpoint');
  return fetch(url).then(
    () => true,
    () => false,
  );
}

test('queues and tables work, two at a time, and a close ends them', { timeout }, async () => {
  const [one, two] = await Promise.all([startAzurite(), startAzurite()]);
  try {
    const queue = QueueServiceClient.fromConnectionString(one.connectionString).getQueueClient('changes');
    await queue.create();
    await queue.sendMessage('hello');
    const { receivedMessageItems } = await queue.receiveMessages();
    expect(receivedMessageItems).toMatchObject([{ messageText: 'hello', dequeueCount: 1 }]);

    const table = TableClient.fromConnectionString(one.connectionString, 'state', {
      allowInsecureConnection: true,
    });
    await table.createTable();
    await table.createEntity({ partitionKey: 'p', rowKey: 'r', value: 7 });
    expect(await table.getEntity('p', 'r')).toMatchObject({ value: 7 });

    const elsewhere = QueueServiceClient.fromConnectionString(two.connectionString).getQueueClient('changes');
    expect(await elsewhere.exists()).toBe(false);
    expect(await answers(one.connectionString)).toBe(true);
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
  expect(await answers(one.connectionString)).toBe(false);
  await one.close();
});

test('a folder keeps the data from one start to the next', { timeout }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'azurite-test-'));
  try {
    const queueOf = (connectionString: string) =>
      QueueServiceClient.fromConnectionString(connectionString).getQueueClient('changes');
    const first = await startAzurite({ folder });
    await queueOf(first.connectionString).create();
    await queueOf(first.connectionString).sendMessage('kept');
    await first.close();

    const second = await startAzurite({ folder });
    try {
      const { receivedMessageItems } = await queueOf(second.connectionString).receiveMessages();
      expect(receivedMessageItems).toMatchObject([{ messageText: 'kept' }]);
    } finally {
      await second.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('it does not outlive a parent that is killed', { timeout }, async () => {
  const parent = spawn(process.execPath, ['test/local/azurite-holder.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  expect(await answers(String(line))).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => answers(String(line)), { timeout: 10_000 }).toBe(false);
});
