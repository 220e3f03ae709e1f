import { describe, expect, test } from 'vitest';
import { readBounded } from '../../src/net/read-bounded.ts';
import { sourceKinds } from '../../src/sources/index.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';

describe('a batch of events', () => {
  const event = {
    specversion: '1.0',
    id: '1',
    source: '/a',
    type: 'a',
    topic: '/a',
    eventType: 'a',
    eventTime: '2026-11-23T12:00:00Z',
    data: {},
  };
  const batch = (events: number) => Buffer.from(JSON.stringify(Array(events).fill(event)));

  test.each([
    ['cloudevents', 'application/cloudevents-batch+json'],
    ['event-grid', 'application/cloudevents-batch+json'],
    ['event-grid', 'application/json'],
  ])('of %s as %s may hold 5000, and no more', (name, contentType) => {
    const kind = sourceKinds.get(name);
    if (!kind) throw new Error(`there is no kind ${name}`);
    const headers = new Headers({ 'Content-Type': contentType });
    const options = kind.options.parse({});
    expect(kind.read(keptBefore({ headers, body: batch(5000) }), options).content.type).toBe('items');
    expect(() => kind.read(keptBefore({ headers, body: batch(5001) }), options)).toThrow(MalformedDelivery);
  });
});

test('of an answer that never ends only the beginning is read', async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent++;
      controller.enqueue(new Uint8Array(1000).fill(97));
    },
  });
  expect(await readBounded(new Response(endless), 2500)).toBe('a'.repeat(2500));
  expect(sent).toBeLessThan(10);
});
