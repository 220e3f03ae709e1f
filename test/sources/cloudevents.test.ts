import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloudevents } from '../../src/sources/cloudevents/cloudevents.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const secrets = ['first token', 'second-token'];
const request = (headers: Record<string, string>, query = '', method = 'POST', body = '') => ({
  method,
  url: new URL(`https://relay.example.com/api/webhooks/ce${query}`),
  headers: new Headers(headers),
  body: Buffer.from(body),
});
const fixture = (name: string) => readFileSync(`test/fixtures/cloudevents/${name}`, 'utf8');

describe('the token', () => {
  const verify = (headers: Record<string, string>, query = '') =>
    cloudevents.verify(request(headers, query), { options: {}, keys: keysOf(secrets), now });

  test.each([
    [{ Authorization: 'Bearer second-token' }, ''],
    [{ Authorization: 'bearer second-token' }, ''],
    [{}, '?access_token=second-token'],
    [{}, '?access_token=first%20token'],
  ])('%o %s is accepted', (headers, query) =>
    expect(verify(headers as Record<string, string>, query)).toBe(true),
  );

  test.each([
    [{}, ''],
    [{ Authorization: '' }, '?access_token='],
    [{ Authorization: 'Bearer ' }, ''],
    [{ Authorization: 'Bearer second-tokem' }, ''],
    [{ Authorization: 'Bearer second-token,x' }, ''],
    [{ Authorization: 'Basic second-token' }, ''],
    [{ Authorization: 'second-token' }, ''],
    [{}, '?access_token=second-toke'],
    [{}, '?code=second-token'],
  ])('%o %s is refused', (headers, query) =>
    expect(verify(headers as Record<string, string>, query)).toBe(false),
  );

  test('anything else is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const isOne = secrets.includes(text);
        expect(verify({}, `?access_token=${encodeURIComponent(text.toWellFormed())}`)).toBe(isOne);
        expect(verify({ Authorization: text.replace(/[^\x20-\x7e]/g, '') })).toBe(false);
      }),
    );
  });
});

describe('abuse protection', () => {
  const origin = 'eventemitter.example.com';
  const ask = (headers: Record<string, string>, options = {}, query = '') =>
    cloudevents.handshake?.(request({ 'WebHook-Request-Origin': origin, ...headers }, query, 'OPTIONS'), {
      options,
      keys: keysOf(secrets),
      now,
    });
  const consent = (rate: string) => ({
    status: 200,
    headers: { Allow: 'POST', 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': rate },
  });

  test('consents to who holds the token, at the rate that was asked for', () => {
    const token = { Authorization: 'Bearer second-token' };
    expect(ask({ ...token, 'WebHook-Request-Rate': '120' })).toEqual(consent('120'));
    expect(ask(token)).toEqual(consent('*'));
    expect(ask({ ...token, 'WebHook-Request-Rate': '1; x' })).toEqual(consent('*'));
    expect(ask({}, {}, '?access_token=second-token')).toEqual(consent('*'));
  });

  test('consents to an origin that is allowed, and to nobody else', () => {
    expect(ask({}, { allowedOrigins: [origin] })).toEqual(consent('*'));
    expect(ask({}, { allowedOrigins: ['example.com'] })).toBeUndefined();
    expect(ask({})).toBeUndefined();
  });

  test('does not answer a delivery', () => {
    const post = request({ 'WebHook-Request-Origin': origin, Authorization: 'Bearer second-token' });
    expect(cloudevents.handshake?.(post, { options: {}, keys: keysOf(secrets), now })).toBeUndefined();
  });
});

describe('what a delivery says', () => {
  const read = (type: string, body: string, headers: Record<string, string> = {}, options = {}) =>
    cloudevents.read(
      keptBefore({ headers: new Headers({ 'Content-Type': type, ...headers }), body: Buffer.from(body) }),
      options,
    );
  const structured = 'application/cloudevents+json; charset=utf-8';
  const batched = 'application/cloudevents-batch+json';
  const ce = { 'ce-specversion': '1.0', 'ce-type': 't', 'ce-source': '/s', 'ce-id': '1' };

  test("the specification's structured sample, XML data and extensions included", () => {
    expect(read(structured, fixture('structured.json'))).toEqual({
      id: '["https://github.com/cloudevents/spec/pull","A234-1234-1234"]',
      topic: 'com.github.pull_request.opened',
      content: {
        type: 'changes',
        payload: [
          expect.objectContaining({
            comexampleextension1: 'value',
            comexampleothervalue: 5,
            data: '<much wow="xml"/>',
          }),
        ],
      },
    });
  });

  test('binary mode: attributes percent-decoded, JSON data parsed, other data as text', () => {
    const headers = { ...ce, 'ce-subject': 'Euro%20%E2%82%AC', 'ce-time': '2018-04-05T03:56:24Z' };
    const { content } = read('application/json; charset=utf-8', fixture('binary.json'), headers);
    expect(content).toMatchObject({
      payload: [{ subject: 'Euro €', time: '2018-04-05T03:56:24Z', data: { customerId: 10542 } }],
    });
    expect(read('text/plain', 'hello', ce).content).toMatchObject({ payload: [{ data: 'hello' }] });
    expect(read('application/vnd.x+json', '[1]', ce).content).toMatchObject({ payload: [{ data: [1] }] });
    expect(read('application/json', '', ce).content).toMatchObject({ payload: [{ type: 't' }] });
  });

  test('a batch: every event, data_base64 decoded; the id is that of the same events only', () => {
    const batch = JSON.parse(fixture('batch.json'));
    const delivery = read(batched, JSON.stringify(batch));
    expect(delivery.topic).toBe('com.example.customer.updated');
    expect(delivery.content).toMatchObject({
      items: [
        { payload: [{ data: { customerId: 10542 } }] },
        { payload: [{ data: { customerId: 20877, firstName: 'Seán' } }] },
      ],
    });
    expect(read(batched, JSON.stringify(batch)).id).toBe(delivery.id);
    expect(read(batched, JSON.stringify(batch.slice(1))).id).not.toBe(delivery.id);
    const other = [{ ...batch[0], id: 'B-0009' }, batch[1]];
    expect(read(batched, JSON.stringify(other)).id).not.toBe(delivery.id);
    expect(read(batched, '[]').content.type).toBe('ignored');
  });

  test('source and id together name an event, however they are cut', () => {
    const id = (source: string, id: string) =>
      read(structured, JSON.stringify({ specversion: '1.0', type: 't', source, id })).id;
    expect(id('a', 'b')).toBe(id('a', 'b'));
    expect(id('a', 'b')).not.toBe(id('a"', 'b'));
    expect(id('ab', 'c')).not.toBe(id('a', 'bc'));
  });

  test('types: others are ignored; a deletion in a batch is for a person, the changes beside it are taken', () => {
    const events = (...types: string[]) =>
      JSON.stringify(types.map((type, i) => ({ specversion: '1.0', type, source: 's', id: `${i}` })));
    const options = { types: ['updated'], forAPerson: ['deleted'] };
    expect(read(batched, events('updated', 'paid'), {}, options).content).toMatchObject({
      type: 'changes',
      payload: [{ type: 'updated' }],
    });
    expect(read(batched, events('paid', 'seen'), {}, options).content.type).toBe('ignored');
    expect(read(batched, events('deleted'), {}, options).content).toMatchObject({ reason: 'deleted' });
    expect(read(batched, events('updated', 'deleted'), {}, options).content).toMatchObject({
      items: [{ payload: [{ type: 'updated' }] }, { forAPerson: 'deleted' }],
    });
    expect(read(batched, events('updated', 'paid'), {}, options).topic).toBeUndefined();
  });

  test.each([
    ['no event', structured, '[]', {}],
    ['no id', structured, '{"specversion":"1.0","type":"t","source":"s"}', {}],
    ['another version', structured, '{"specversion":"0.3","type":"t","source":"s","id":"1"}', {}],
    [
      'data that is not base64',
      structured,
      '{"specversion":"1.0","type":"t","source":"s","id":"1","data_base64":"*"}',
      {},
    ],
    ['a batch that is no array', batched, '{}', {}],
    ['too long a batch', batched, JSON.stringify(Array(5001).fill(1)), {}],
    ['another format', 'application/cloudevents+avro', 'x', {}],
    ['no CloudEvent at all', 'application/json', '{}', {}],
    ['binary mode with data that is not JSON', 'application/json', '{', ce],
  ])('%s: malformed', (_, type, body, headers) => {
    expect(() => read(type, body, headers as Record<string, string>)).toThrow(MalformedDelivery);
  });

  test.each(['50% off', '%E2%82', '%'])(
    'a header with %j that is not percent-encoded: as it stands',
    (subject) => {
      const headers = { ...ce, 'ce-subject': subject, 'ce-discount': subject };
      expect(read('application/json', '{}', headers as Record<string, string>).content).toMatchObject({
        payload: [{ subject, discount: subject }],
      });
    },
  );

  test.each(['{}', '5', 'null', '[]'])(
    'an element %s is for a person, the others of the batch are taken',
    (bad) => {
      const good = JSON.stringify({ specversion: '1.0', type: 't', source: 's', id: '1' });
      expect(read(batched, `[${bad},${good}]`).content).toMatchObject({
        items: [
          { forAPerson: expect.stringMatching(/^element 1 of the batch cannot be read/) },
          { payload: [{ id: '1' }] },
        ],
      });
    },
  );

  test('whatever it is: events or MalformedDelivery', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(structured, batched, 'application/json', 'text/plain'),
        fc.json(),
        (type, json) => {
          try {
            read(type, json, type.includes('cloudevents') ? {} : ce);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedDelivery);
          }
        },
      ),
    );
  });
});
