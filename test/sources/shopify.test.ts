import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { shopify } from '../../src/sources/shopify/shopify.ts';
import vectors from '../fixtures/shopify/signature-vectors.json' with { type: 'json' };
import { keptOf, keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/shopify');
const request = (body: Uint8Array | string, headers: Record<string, string>) => ({
  method: 'POST',
  url,
  headers: new Headers(headers),
  body: Buffer.from(body),
});
const verify = (body: Uint8Array | string, signature: string, secrets: string[]) =>
  shopify.verify(request(body, { 'X-Shopify-Hmac-Sha256': signature }), {
    options: {},
    keys: keysOf(secrets),
    now,
  });

test.each(vectors.vectors)("the vendor's vector: $name", ({ body, signature, secret, valid }) => {
  expect(verify(body, signature, [secret])).toBe(valid);
  expect(verify(`${body} `, signature, [secret])).toBe(!valid);
  expect(verify(body, signature, ['another', secret])).toBe(valid);
  expect(verify(body, signature, ['another'])).toBe(false);
});

test('whatever is not exactly the signature of these bytes is refused, without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.string({ minLength: 1 }), (body, signature, secret) => {
      const right = createHmac('sha256', secret).update(body).digest('base64');
      const header = Buffer.from(signature, 'utf8').toString('latin1');
      expect(verify(body, right, [secret])).toBe(true);
      const given = header.replace(/[^\x21-\x7e]/g, '');
      expect(verify(body, given, [secret])).toBe(given === right);
      for (const changed of [right.slice(1), `${right}=`, right.toLowerCase(), right.replace(/=+$/, '')]) {
        if (changed !== right) expect(verify(body, changed, [secret])).toBe(false);
      }
    }),
  );
});

describe('what a delivery says', () => {
  const headers = {
    'X-Shopify-Topic': 'customers/update',
    'X-Shopify-Webhook-Id': 'w1',
    'X-Shopify-Event-Id': 'e1',
  };
  const read = (body: string, more: Record<string, string> = {}) =>
    shopify.read(keptBefore(request(body, { ...headers, ...more })), {});

  test('the id is the same for a repeat, and for another subscription to the same event', () => {
    expect(read('{"id":1}').id).toBe(read('{"id":1}', { 'X-Shopify-Webhook-Id': 'w2' }).id);
  });

  test('a change is known by its body, which is signed, whatever the headers are altered to', () => {
    expect(read('{"id":1}').id).not.toBe(read('{"id":2}').id);
    for (const altered of [
      { 'X-Shopify-Event-Id': 'e2' },
      { 'X-Shopify-Triggered-At': '2027-01-01T00:00:00Z' },
      { 'X-Shopify-Topic': 'customers/create' },
    ])
      expect(read('{"id":1}', altered)).toMatchObject({ id: read('{"id":1}').id });
  });

  test('a topic that somebody made up does not pass a change off as something else', () => {
    const topics = ['customers/update', 'customers/delete', 'orders/create'];
    const ids = topics.map((topic) => read('{"id":1}', { 'X-Shopify-Topic': topic }).id);
    expect(new Set(ids).size).toBe(3);
  });

  test('webhooks of another shop are ignored where the options name one', () => {
    const ofShop = (shop: string) =>
      shopify.read(
        keptBefore(request('{"id":1}', { ...headers, 'X-Shopify-Shop-Domain': shop })),
        shopify.options.parse({ shop: 'jensen.myshopify.com' }),
      ).content;
    expect(ofShop('jensen.myshopify.com').type).toBe('changes');
    expect(ofShop('Jensen.myshopify.com').type).toBe('changes');
    for (const shop of ['other.myshopify.com', '', 'jensen.myshopify.com.example.com'])
      expect(ofShop(shop)).toEqual({
        type: 'ignored',
        reason: 'a webhook of another shop than options.shop',
      });
    expect(shopify.options.safeParse({ shop: 'https://jensen.myshopify.com' }).success).toBe(false);
  });

  test('numbers past 2^53 keep their digits', () => {
    const { content } = read('{"id": 706405506930370084, "n": 12, "x": 1.5, "t": "706405506930370084"}');
    expect(content).toEqual({
      type: 'changes',
      payload: { id: '706405506930370084', n: 12, x: 1.5, t: '706405506930370084' },
    });
  });

  test.each([
    ['customers/create', {}, 'changes'],
    ['customers/enable', {}, 'ignored'],
    ['customer.tags_added', {}, 'ignored'],
    ['shop/redact', {}, 'ignored'],
    ['orders/create', {}, 'ignored'],
    ['', {}, 'ignored'],
    ['customers/update', { 'X-Shopify-Test': 'true' }, 'ignored'],
    ['customers/delete', { 'X-Shopify-Test': 'true' }, 'ignored'],
  ])('topic %s %o is %s', (topic, more, type) => {
    const delivery = read('{}', { 'X-Shopify-Topic': topic, ...more });
    expect(delivery.content.type).toBe(type);
    expect(delivery.topic).toBe(topic);
  });

  test.each([
    [
      'customers/delete',
      'customers-delete.json',
      'a customer was deleted in Shopify: customer 706405506930370084',
    ],
    [
      'customers/redact',
      'customers-redact.json',
      'Shopify asks to erase what is stored about a customer: customer 7065064123456',
    ],
    [
      'customers/data_request',
      'customers-data-request.json',
      'a customer asks through Shopify for the data that is stored about them: customer 7065064123456',
    ],
    [
      'customers/merge',
      'customers-merge.json',
      'customers are merged in Shopify: customer 7065064123457 into 7065064123456',
    ],
  ])('%s is for a person, and says about whom', async (topic, file, reason) => {
    const body = await readFile(`test/fixtures/shopify/${file}`, 'utf8');
    expect(read(body, { 'X-Shopify-Topic': topic }).content).toEqual({ type: 'for-a-person', reason });
    // Whatever it is about, it is not lost.
    const { content } = read('{"customer":{"email":"maria.jensen@example.com"}}', {
      'X-Shopify-Topic': topic,
    });
    expect(content).toEqual({ type: 'for-a-person', reason: reason.split(':')[0] });
  });

  test('the time of the header, which is not signed, decides nothing', () => {
    const triggered = '2026-11-20T21:03:22.123456Z';
    const { content } = read('{"id":1}', { 'X-Shopify-Triggered-At': triggered });
    expect(content).toEqual({ type: 'changes', payload: { id: 1 } });
  });

  test('a signed body about something else under the topic of a customer, which is not signed: ignored', () => {
    for (const thing of ['Order/1', 'CustomerPaymentMethod/1']) {
      const { content } = read(`{"id":1,"admin_graphql_api_id":"gid://shopify/${thing}"}`);
      expect(content).toEqual({ type: 'ignored', reason: 'not a customer, whatever the topic says' });
    }
    expect(read('{"id":1,"admin_graphql_api_id":"gid://shopify/Customer/1"}').content.type).toBe('changes');
  });

  test.each(['', '{"id":1', '[]', '"text"', 'null', '{"admin_graphql_api_id":7}', '{"id":1}\xff'])(
    'a body that is no customer is malformed: %j',
    (body) => {
      const sent = request(Buffer.from(body, 'latin1'), headers);
      expect(() => shopify.read(keptBefore(sent), {})).toThrow(MalformedDelivery);
    },
  );

  test('what is kept for a replay says the same, and holds no signature', () => {
    const sent = {
      ...headers,
      'X-Shopify-Hmac-Sha256': 'secret',
      'X-Shopify-Triggered-At': '2026-11-20T21:03:22Z',
      Cookie: 'c',
    };
    const kept = Object.fromEntries(keptOf(shopify, sent, '{}').headers);
    expect(Object.keys(kept)).toEqual(['x-shopify-topic']);
    for (const body of ['{"id":1}', '{"id":2}']) {
      const again = shopify.read(keptBefore({ headers: new Headers(kept), body: Buffer.from(body) }), {});
      expect(again).toEqual(read(body, sent));
    }
  });
});
