import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ChangeMessage,
  type Message,
  readMessage,
  type Taken,
} from '../../src/delivery/record/message.ts';

const change: ChangeMessage = { deliveryId: '20261123-170631123-3fa9c2d17b5e4a06', index: 2, turn: 3 };
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const taken: Taken = {
  id: change.deliveryId,
  source: 'shop',
  headers: [['x-shopify-topic', 'customers/update']],
  body: 'H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==',
};
const { body: _, ...storedFirst } = taken;

const messages: [string, Message][] = [
  ['a recorded change', change],
  ['a recorded change that belongs to a trace', { ...change, traceparent }],
  ['deliveries', { deliveries: [taken, { ...taken, source: 'crm', traceparent }] }],
  ['a delivery whose request was stored first', { deliveries: [{ ...storedFirst, headers: [] }] }],
];

describe.each(messages)('a message of the trigger with %s', (_, message) => {
  const text = JSON.stringify(message);

  test.each<[string, unknown]>([
    ['an object', structuredClone(message)],
    ['plain text', text],
    ['text in base64', Buffer.from(text).toString('base64')],
  ])('%s', (_, input) => {
    expect(readMessage(input)).toEqual(message);
  });

  test.each<[string, unknown]>([
    ['more than a message', { ...message, customerId: '1' }],
    ['a list', [message]],
    ['text in text', JSON.stringify(text)],
  ])('is not one of ours: %s', (_, input) => {
    expect(readMessage(input)).toBeUndefined();
  });
});

test.each<[string, unknown]>([
  ['another delivery id', { ...change, deliveryId: 'ORDER-1' }],
  ['a negative index', { ...change, index: -1 }],
  ['a broken turn', { ...change, turn: 0.5 }],
  ['no turn', { deliveryId: change.deliveryId, index: 0 }],
  ['no deliveries', { deliveries: [] }],
  ['a delivery of another id', { deliveries: [{ ...taken, id: 'ORDER-1' }] }],
  ['a delivery without headers', { deliveries: [{ id: taken.id, source: 'shop', body: '' }] }],
  ['a header without a value', { deliveries: [{ ...taken, headers: [['x-shopify-topic']] }] }],
  ['more than a delivery', { deliveries: [{ ...taken, secret: 's' }] }],
  ['deliveries of which one is none', { deliveries: [taken, {}] }],
  ['a trace that is none', { ...change, traceparent: 'x' }],
  ['nothing', undefined],
])('is not one of ours: %s', (_, input) => {
  expect(readMessage(input)).toBeUndefined();
});

test('junk is never one of ours, and never throws', () => {
  const base64 = fc.string().map((junk) => Buffer.from(junk).toString('base64'));
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string(), fc.json(), base64), (junk) => {
      expect(readMessage(junk)).toBeUndefined();
    }),
  );
});
