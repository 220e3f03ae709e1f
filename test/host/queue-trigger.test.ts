import { randomUUID } from 'node:crypto';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { watchSurroundings } from '../../local/forwarding-proxy.ts';
import type { FunctionHost } from '../../local/function-host.ts';
import { seen, startFixture } from './fixture-host.ts';

let azurite: Azurite;
let host: FunctionHost;
let queue: QueueClient;
let poison: QueueClient;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.close());
beforeEach(async () => {
  const name = `work-${randomUUID()}`;
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  queue = service.getQueueClient(name);
  poison = service.getQueueClient(`${name}-poison`);
  host = await startFixture({
    env: { AzureWebJobsStorage: azurite.connectionString, WORK_QUEUE: name },
    queueLockMs: 2000,
  });
});
afterEach(() => host?.stop());

const timeout = { timeout: 15_000, interval: 50 };
const send = (message: unknown) => queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
const runs = () => seen(host).filter((fact) => typeof fact === 'object');
const left = async () => (await queue.getProperties()).approximateMessagesCount;
const emptied = () => vi.waitFor(async () => expect(await left()).toBe(0), timeout);

test('a message arrives parsed, with its metadata, and is deleted', async () => {
  const { messageId } = await send({ hello: 'world', n: 7, nested: { A: 1 }, list: [1] });
  await emptied();
  expect(runs()).toEqual([
    {
      message: { hello: 'world', n: 7, nested: { A: 1 }, list: [1] },
      metadata: {
        queueTrigger: { hello: 'world', n: 7, nested: { a: 1 }, list: [1] },
        id: messageId,
        popReceipt: expect.any(String),
        dequeueCount: 1,
        insertionTime: expect.stringMatching(/^\d{4}-.*\+00:00$/),
        expirationTime: expect.any(String),
        nextVisibleTime: expect.any(String),
        hello: 'world',
        n: 7,
        nested: { a: 1 },
      },
    },
  ]);
});

test('a failed message comes again after visibilityTimeout and is deleted once it succeeds', async () => {
  await send({ fail: 2 });
  await emptied();
  expect(runs()).toMatchObject([1, 2, 3].map((dequeueCount) => ({ metadata: { dequeueCount } })));
  expect(await poison.exists()).toBe(false);
});

test('after maxDequeueCount failures it is in the poison queue, as it was sent', async () => {
  await send({ fail: 9 });
  await emptied();
  expect(runs()).toHaveLength(3);
  const { receivedMessageItems } = await poison.receiveMessages();
  expect(
    receivedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString()),
  ).toEqual(['{"fail":9}']);
});

test('a message that is not base64 goes to the poison queue without a run', async () => {
  await queue.sendMessage('{"not":"base64"}');
  await emptied();
  expect(runs()).toEqual([]);
  const { receivedMessageItems } = await poison.receiveMessages();
  expect(receivedMessageItems).toMatchObject([{ messageText: '{"not":"base64"}' }]);
  await vi.waitFor(() => expect(host.log()).toContain('is not base64'), 15_000);
});

test('a message whose end storage does not hear at first is deleted all the same', async () => {
  await host.stop();
  let deletions = 0;
  const env = { AzureWebJobsStorage: azurite.connectionString, DIRECTSCALE_BASE_URL: 'http://127.0.0.1:9' };
  const watched = await watchSurroundings({ env }, ({ method }, when) =>
    method === 'DELETE' && when === 'before' && deletions++ === 0 ? 'cut off' : 'go on',
  );
  host = await startFixture({ env: { ...watched.env, WORK_QUEUE: queue.name }, queueLockMs: 600_000 });
  await send({ hello: 'world' });
  await emptied();
  expect(deletions).toBe(2);
  expect(runs()).toHaveLength(1);
  await watched.close();
});

test('a run longer than the lock keeps its message', async () => {
  await send({ takesMs: 4500 });
  await emptied();
  expect(runs()).toHaveLength(1);
});

test('a stop waits for the message in progress, which is then deleted', async () => {
  await send({ takesMs: 500 });
  await vi.waitFor(() => expect(runs()).toHaveLength(1), timeout);
  await host.stop();
  expect(host.process.exitCode).toBe(0);
  expect(await left()).toBe(0);
});

test('a queue function runs by hand', async () => {
  const response = await fetch(`${host.url}/admin/functions/work`, {
    method: 'POST',
    body: '{"input":"{\\"by\\":\\"hand\\"}"}',
  });
  expect(response.status).toBe(202);
  await vi.waitFor(() => expect(runs()).toMatchObject([{ message: { by: 'hand' } }]), timeout);
});
