import { randomBytes } from 'node:crypto';
import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import type { Taken } from '../../src/delivery/record/message.ts';
import { type PackedRequest, unpackRequest } from '../../src/delivery/record/packed-request.ts';
import { type MessageQueue, messageBytes } from '../../src/delivery/store/message-queue.ts';
import { createTake } from '../../src/delivery/take/take.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';

const receivedAt = new Date('2026-11-23T12:00:00.000Z');

/** A queue that takes nothing before the test lets it. */
function setUp() {
  const sent: { readonly deliveries: readonly Taken[]; readonly delayMs: number }[] = [];
  const kept = new Map<string, PackedRequest>();
  const diary: string[] = [];
  let gate = Promise.withResolvers<void>();
  const queue: MessageQueue = {
    async sendTaken(deliveries, delayMs = 0) {
      await gate.promise;
      diary.push('sent');
      sent.push({ deliveries, delayMs });
    },
    send: () => Promise.reject(new Error('nothing is recorded here')),
    putBack: () => Promise.reject(new Error('nothing is taken out here')),
    look: () => Promise.reject(new Error('nobody looks here')),
  };
  const take = createTake(
    async () => queue,
    async (id, request) => {
      diary.push('kept');
      kept.set(id, request);
    },
  );
  const arrive = (senderId: string, body: Uint8Array = Buffer.from('{}'), hiddenMs?: number) =>
    take(
      {
        source: 'shop',
        senderId,
        request: keptBefore({ headers: new Headers({ 'x-topic': 'update' }), body }),
        receivedAt,
      },
      hiddenMs,
    );
  return {
    sent,
    kept,
    diary,
    arrive,
    open: () => gate.resolve(),
    fail: (error: Error) => {
      gate.reject(error);
      gate = Promise.withResolvers<void>();
      gate.resolve();
    },
  };
}

const bytesOf = (deliveries: readonly Taken[]): number => Buffer.byteLength(JSON.stringify({ deliveries }));

const bodyIn = ({ headers, body = '' }: Taken): Buffer =>
  Buffer.from(unpackRequest({ headers, body: Buffer.from(body, 'base64') }).body);

describe('a delivery', () => {
  test('is in the queue, whole, before it counts as taken', async () => {
    const { sent, arrive, open } = setUp();
    let isTaken = false;
    const taking = arrive('e1', Buffer.from('{"id":1}')).then((taken) => {
      isTaken = true;
      return taken;
    });
    await nextTick();
    expect(isTaken).toBe(false);
    open();
    const taken = await taking;
    expect(sent).toEqual([{ deliveries: [taken], delayMs: 0 }]);
    expect(taken).toEqual({
      id: deliveryIdOf(receivedAt, deliveryIdentity('shop', 'e1')),
      source: 'shop',
      headers: [['x-topic', 'update']],
      body: expect.any(String),
    });
    expect(bodyIn(taken).toString()).toBe('{"id":1}');
  });

  test('that the queue does not take is not taken, and the next one is', async () => {
    const { arrive, fail, sent } = setUp();
    const failing = arrive('e1');
    await nextTick();
    const next = arrive('e2');
    fail(new Error('queue is down'));
    await expect(failing).rejects.toThrow('queue is down');
    const taken = await next;
    expect(sent.map(({ deliveries }) => deliveries)).toEqual([[taken]]);
  });

  test('whose answer waits for the outcome is in the queue by itself, hidden for so long', async () => {
    const { sent, arrive, open } = setUp();
    open();
    const taken = await Promise.all([arrive('e1', undefined, 60_000), arrive('e2', undefined, 60_000)]);
    expect(sent).toEqual(taken.map((one) => ({ deliveries: [one], delayMs: 60_000 })));
  });
});

describe('deliveries that arrive at the same moment', () => {
  test('share messages of at most 16, in which each is once', async () => {
    const { sent, arrive, open } = setUp();
    const taking = Array.from({ length: 40 }, (_, index) => arrive(`e${index}`));
    open();
    const taken = await Promise.all(taking);
    expect(sent.map(({ deliveries }) => deliveries.length)).toEqual([16, 16, 8]);
    expect(sent.flatMap(({ deliveries }) => deliveries)).toEqual(taken);
  });

  test('never make a message larger than storage takes', async () => {
    const { sent, kept, arrive, open } = setUp();
    const sizes = [10, 20_000, 15_000, 44_000, 30_000, 14_000, 100, 29_000, 44_500, 43_000, 3];
    const bodies = sizes.map((size) => randomBytes(size));
    const taking = bodies.map((body, index) => arrive(`e${index}`, body));
    open();
    const taken = await Promise.all(taking);
    for (const { deliveries } of sent) expect(bytesOf(deliveries)).toBeLessThanOrEqual(messageBytes);
    expect(sent.length).toBeLessThan(sizes.length);
    expect(sent.flatMap(({ deliveries }) => deliveries).toSorted(byId)).toEqual(taken.toSorted(byId));
    expect(kept.size).toBe(0);
    expect(taken.map(bodyIn)).toEqual(bodies);
  });
});

const byId = (a: Taken, b: Taken): number => (a.id < b.id ? -1 : 1);

describe('a request that is too large for a message', () => {
  test('is stored first, and the message only names it', async () => {
    const { sent, kept, diary, arrive, open } = setUp();
    open();
    const body = randomBytes(1_048_576);
    const taken = await arrive('e1', body);
    expect(taken).toEqual({ id: taken.id, source: 'shop', headers: [] });
    expect(sent).toEqual([{ deliveries: [taken], delayMs: 0 }]);
    expect(diary).toEqual(['kept', 'sent']);
    const request = unpackRequest(kept.get(taken.id) ?? { headers: [], body: Buffer.alloc(0) });
    expect(Buffer.from(request.body).equals(body)).toBe(true);
    expect([...request.headers]).toEqual([['x-topic', 'update']]);
  });

  test('a large one that compresses well is not', async () => {
    const { kept, arrive, open } = setUp();
    open();
    const body = Buffer.alloc(1_048_576, 'a');
    const taken = await arrive('e1', body);
    expect(kept.size).toBe(0);
    expect(bodyIn(taken).equals(body)).toBe(true);
  });

  test('the border between the two lies where a message is full', async () => {
    const { sent, kept, arrive, open } = setUp();
    open();
    // Bytes that do not compress grow by gzip's frame, and by a third in base64.
    for (let size = 44_700; size < 45_000; size += 3) await arrive(`e${size}`, randomBytes(size));
    const inMessages = sent.flatMap(({ deliveries }) => deliveries).filter(({ body }) => body !== undefined);
    expect(kept.size).toBeGreaterThan(0);
    expect(inMessages).toHaveLength(100 - kept.size);
    const largest = Math.max(...inMessages.map((taken) => bytesOf([taken])));
    expect(largest).toBeLessThanOrEqual(messageBytes);
    expect(largest).toBeGreaterThan(messageBytes - 8);
  });
});
