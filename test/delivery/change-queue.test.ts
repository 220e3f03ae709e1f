import { QueueClient } from '@azure/storage-queue';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import {
  type ChangeMessage,
  readChangeMessage,
  storageChangeQueue,
} from '../../src/delivery/store/change-queue.ts';

const message: ChangeMessage = { deliveryId: '20261123-170631123-3fa9c2d17b5e4a06', index: 2, turn: 3 };
const text = JSON.stringify(message);

describe('a message of the trigger', () => {
  test.each<[string, unknown]>([
    ['an object', { ...message }],
    ['plain text', text],
    ['text in base64', Buffer.from(text).toString('base64')],
  ])('%s', (_, input) => {
    expect(readChangeMessage(input)).toEqual(message);
  });

  test.each<[string, unknown]>([
    ['another delivery id', { ...message, deliveryId: 'ORDER-1' }],
    ['a negative index', { ...message, index: -1 }],
    ['a broken turn', { ...message, turn: 0.5 }],
    ['no turn', { deliveryId: message.deliveryId, index: 0 }],
    ['more than a message', { ...message, customerId: '1' }],
    ['a list', [message]],
    ['text in text', JSON.stringify(text)],
    ['nothing', undefined],
  ])('is not one of ours: %s', (_, input) => {
    expect(readChangeMessage(input)).toBeUndefined();
  });

  test('junk is never one of ours, and never throws', () => {
    const base64 = fc.string().map((junk) => Buffer.from(junk).toString('base64'));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.json(), base64), (junk) => {
        expect(readChangeMessage(junk)).toBeUndefined();
      }),
    );
  });
});

describe('the queue of the storage account', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.close());

  async function queueOf(name: string) {
    const client = new QueueClient(azurite.connectionString, name);
    await client.create();
    return {
      client,
      queue: storageChangeQueue(client, new QueueClient(azurite.connectionString, `${name}-poison`)),
    };
  }

  test('a message comes out as it was sent, and never expires', async () => {
    const { client, queue } = await queueOf('at-once');
    await queue.send(message);
    const [received, ...others] = (await client.receiveMessages({ numberOfMessages: 2 }))
      .receivedMessageItems;
    expect(others).toEqual([]);
    expect(readChangeMessage(received?.messageText)).toEqual(message);
    expect(received?.expiresOn.getUTCFullYear()).toBeGreaterThan(2100);
  });

  test('with a delay, it is there but not seen yet', async () => {
    const { client, queue } = await queueOf('delayed');
    await queue.send(message, 60_000);
    expect((await client.receiveMessages()).receivedMessageItems).toEqual([]);
    expect((await client.getProperties()).approximateMessagesCount).toBe(1);
  });

  test('a delay longer than queue storage can hide a message is cut', async () => {
    const { client, queue } = await queueOf('long-delayed');
    await queue.send(message, 30 * 24 * 3_600_000);
    expect((await client.getProperties()).approximateMessagesCount).toBe(1);
  });
});
