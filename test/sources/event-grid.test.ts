import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventGrid } from '../../src/sources/event-grid/event-grid.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { keptOf, keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const secrets = ['one', 'two'];
const options = eventGrid.options.parse({
  types: ['Contoso.Customers.CustomerUpdated', 'updated'],
  forAPerson: ['gone'],
});
const request = (headers: Record<string, string>, body = '', query = '', method = 'POST') => ({
  method,
  url: new URL(`https://relay.example.com/api/webhooks/grid${query}`),
  headers: new Headers(headers),
  body: Buffer.from(body),
});
const fixture = (name: string) => readFileSync(`test/fixtures/event-grid/${name}`, 'utf8');
const context = { options, keys: keysOf(secrets), now };

describe('the secret', () => {
  test.each([
    [{ 'X-Relay-Key': 'two' }, '', true],
    [{}, '?key=one', true],
    [{ 'X-Relay-Key': 'wrong' }, '?key=one', true],
    [{}, '', false],
    [{ 'X-Relay-Key': '' }, '?key=', false],
    [{ 'X-Relay-Key': 'tw' }, '?key=on', false],
    [{ Authorization: 'Bearer one' }, '?secret=one', false],
  ])('%o %s: %s', (headers, query, valid) => {
    expect(eventGrid.verify(request(headers as Record<string, string>, '', query), context)).toBe(valid);
  });

  test('may be elsewhere', () => {
    const elsewhere = eventGrid.options.parse({ header: 'x-mine', query: 'q' });
    const verify = (headers: Record<string, string>, query = '') =>
      eventGrid.verify(request(headers, '', query), { ...context, options: elsewhere });
    expect([verify({ 'X-Mine': 'one' }), verify({}, '?q=two')]).toEqual([true, true]);
    expect([verify({ 'X-Relay-Key': 'one' }), verify({}, '?key=two')]).toEqual([false, false]);
  });

  test('anything else is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const query = `?key=${encodeURIComponent(text.toWellFormed())}`;
        expect(eventGrid.verify(request({}, '', query), context)).toBe(secrets.includes(text));
      }),
    );
  });
});

describe('validation of a subscription', () => {
  const headers = { 'aeg-event-type': 'SubscriptionValidation' };
  const event = fixture('subscription-validation.json');

  test('is answered 200 with the code, but only to who holds the secret', () => {
    expect(eventGrid.handshake?.(request(headers, event, '?key=two'), context)).toEqual({
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: '{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}',
    });
    expect(eventGrid.handshake?.(request(headers, event), context)).toBeUndefined();
    expect(eventGrid.handshake?.(request(headers, event, '?key=three'), context)).toBeUndefined();
  });

  test.each([
    '[]',
    '{}',
    'x',
    '[{"eventType":"x","data":{"validationCode":"1"}}]',
    event.replace(']', ',{}]'),
  ])('of another form is malformed: %s', (body) => {
    const ask = () => eventGrid.handshake?.(request(headers, body, '?key=two'), context);
    expect(ask).toThrow(MalformedDelivery);
  });

  test('is answered without its header, which a proxy may have taken away', () => {
    expect(eventGrid.handshake?.(request({}, event, '?key=two'), context)).toMatchObject({ status: 200 });
    expect(eventGrid.handshake?.(request({}, event), context)).toBeUndefined();
    expect(eventGrid.handshake?.(request({}, '[{}]', '?key=two'), context)).toBeUndefined();
  });

  test('for the schema of CloudEvents: the OPTIONS handshake, with the secret only', () => {
    const ask = (query: string) =>
      eventGrid.handshake?.(
        request({ 'WebHook-Request-Origin': 'eventgrid.azure.net' }, '', query, 'OPTIONS'),
        context,
      );
    expect(ask('?key=one')).toEqual({
      status: 200,
      headers: {
        Allow: 'POST',
        'WebHook-Allowed-Origin': 'eventgrid.azure.net',
        'WebHook-Allowed-Rate': '*',
      },
    });
    expect(ask('')).toBeUndefined();
  });

  test('a delivery is no handshake', () => {
    const delivery = request({ 'aeg-event-type': 'Notification' }, event, '?key=one');
    expect(eventGrid.handshake?.(delivery, context)).toBeUndefined();
  });
});

describe('what a delivery says', () => {
  const read = (body: string, headers: Record<string, string> = {}) => {
    return eventGrid.read(keptOf(eventGrid, headers, body), options);
  };

  test('the Event Grid schema, as it was sent', () => {
    const body = fixture('customer-updated.json');
    const delivery = read(body, { 'aeg-event-type': 'Notification', 'Content-Type': 'application/json' });
    expect(delivery.topic).toBe('Contoso.Customers.CustomerUpdated');
    expect(delivery.content).toEqual({ type: 'changes', payload: JSON.parse(body) });
    expect(read(body, { 'aeg-delivery-count': '3' }).id).toBe(delivery.id);
    expect(read(body.replaceAll('b3c6f0a2', 'c3c6f0a2')).id).not.toBe(delivery.id);
  });

  test('the schema of CloudEvents', () => {
    const event = { specversion: '1.0', id: '1', source: 's', type: 'updated', data: { a: 1 } };
    const headers = { 'Content-Type': 'application/cloudevents+json; charset=utf-8' };
    expect(read(JSON.stringify(event), headers)).toEqual({
      id: '["s","1"]',
      topic: 'updated',
      content: { type: 'changes', payload: [event] },
    });
    const batch = { 'Content-Type': 'application/cloudevents-batch+json' };
    expect(read(JSON.stringify([event, { ...event, id: '2' }]), batch).content).toMatchObject({
      items: [{ payload: [{ id: '1' }] }, { payload: [{ id: '2' }] }],
    });
  });

  test('other types and the end of a subscription are ignored, deletions are for a person', () => {
    const event = (eventType: string) => JSON.stringify([{ id: '1', eventType, data: {} }]);
    expect(read(event('other')).content.type).toBe('ignored');
    expect(read(event('gone')).content.type).toBe('for-a-person');
    const ended = { 'aeg-event-type': 'SubscriptionDeletion' };
    expect(read(event('updated'), ended).content).toMatchObject({ type: 'ignored' });
    const late = { 'aeg-event-type': 'SubscriptionValidation' };
    expect(read(event('updated'), late).content).toMatchObject({ type: 'ignored' });
  });

  test.each(['{}', 'x'])('%s is malformed', (body) => {
    expect(() => read(body)).toThrow(MalformedDelivery);
  });

  test.each(['{}', '{"id":"1"}', '5', 'null'])(
    'an element %s is for a person, the others are taken',
    (bad) => {
      const good = { id: '1', topic: 't', eventType: 'updated', data: {} };
      expect(read(`[${bad},${JSON.stringify(good)}]`).content).toMatchObject({
        items: [{ forAPerson: expect.stringMatching(/^element 1 of the batch/) }, { payload: [good] }],
      });
    },
  );
});
