import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import {
  type ChangeMessage,
  type Message,
  readMessage,
  type Taken,
} from '../../src/delivery/record/message.ts';
import {
  type MessageQueue,
  messageBytes,
  storageMessageQueue,
} from '../../src/delivery/store/message-queue.ts';

const change: ChangeMessage = { deliveryId: '20261123-170631123-3fa9c2d17b5e4a06', index: 2, turn: 3 };
const taken: Taken = { id: change.deliveryId, source: 'shop', headers: [['a', 'b']], body: 'H4s=' };

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

async function queueOf(name: string) {
  const [client, poison] = [name, `${name}-poison`].map(
    (queue) => new QueueClient(azurite.connectionString, queue),
  ) as [QueueClient, QueueClient];
  await client.create();
  return { client, poison, queue: storageMessageQueue(client, poison) };
}

type Send = (queue: MessageQueue, delayMs?: number) => Promise<void>;
const kinds: [string, string, Message, Send][] = [
  ['a recorded change', 'change', change, (queue, delayMs) => queue.send(change, delayMs)],
  [
    'deliveries',
    'taken',
    { deliveries: [taken, taken] },
    (queue, delayMs) => queue.sendTaken([taken, taken], delayMs),
  ],
];

test.each(kinds)('%s: comes out as it was sent, and never expires', async (_, name, message, send) => {
  const { client, queue } = await queueOf(`at-once-${name}`);
  await send(queue);
  const [received, ...others] = (await client.receiveMessages({ numberOfMessages: 2 })).receivedMessageItems;
  expect(others).toEqual([]);
  expect(readMessage(received?.messageText)).toEqual(message);
  expect(received?.expiresOn.getUTCFullYear()).toBeGreaterThan(2100);
});

test.each(kinds)('%s: with a delay, it is there but not seen yet', async (_, name, __, send) => {
  const { client, queue } = await queueOf(`delayed-${name}`);
  await send(queue, 60_000);
  expect((await client.receiveMessages()).receivedMessageItems).toEqual([]);
  expect((await client.getProperties()).approximateMessagesCount).toBe(1);
});

test.each(kinds)(
  '%s: a delay longer than queue storage can hide a message is cut',
  async (_, name, __, send) => {
    const { client, queue } = await queueOf(`long-delayed-${name}`);
    await send(queue, 30 * 24 * 3_600_000);
    expect((await client.getProperties()).approximateMessagesCount).toBe(1);
  },
);

test('storage takes the largest message', async () => {
  const { client, queue } = await queueOf('largest');
  const empty = { ...taken, body: '' };
  const rest = messageBytes - JSON.stringify({ deliveries: [empty] }).length;
  const largest = { ...taken, body: 'x'.repeat(rest) };
  await queue.sendTaken([largest]);
  const [received] = (await client.receiveMessages()).receivedMessageItems;
  expect(received?.messageText).toHaveLength(messageBytes);
  expect(readMessage(received?.messageText)).toEqual({ deliveries: [largest] });
});

test('a look shows how many messages there are, and those that are due', async () => {
  const { client, poison, queue } = await queueOf('looked-at');
  expect(await queue.look()).toEqual({ waiting: 0, poison: 0, due: [] });
  await queue.send(change);
  await queue.sendTaken([taken]);
  await queue.send(change, 60_000);
  await client.sendMessage('not one of ours');
  await poison.create();
  await poison.sendMessage('given up');
  expect(await queue.look()).toEqual({ waiting: 4, poison: 1, due: [change, { deliveries: [taken] }] });
});
