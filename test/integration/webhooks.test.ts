import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localSecret } from '../../local/sender.ts';
import type { Stack } from '../../local/stack.ts';
import { patchesOf, postCanonical, postShopify, startRelay } from './relay-under-test.ts';

let stack: Stack;
let sample: Buffer<ArrayBuffer>;

beforeAll(async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '3600', MAX_BODY_BYTES: '20000' });
  sample = await readFile('test/fixtures/shopify/customers-update.json');
});
afterAll(() => stack?.stop());
beforeEach(() => stack.sandbox.reset());

describe('a signed webhook', () => {
  test('changes the customer', async () => {
    const response = await postShopify(stack, sample);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'done',
      changes: [{ customerId: '10542', outcome: 'applied', upstream: { status: 200 } }],
    });
    expect(patchesOf(stack, '10542')).toHaveLength(1);
    expect(stack.sandbox.customers.get('10542')).toMatchObject({
      FirstName: 'Maria',
      PrimaryAddress: { Street1: '2600 Executive Pkwy', City: 'Lehi', Region: 'UT' },
    });
  });

  test('is accepted with the second secret of a rotation', async () => {
    const response = await postShopify(stack, sample, { secret: localSecret('shopify-webhook-secret-next') });
    expect(response.status).toBe(200);
    expect(patchesOf(stack, '10542')).toHaveLength(1);
  });

  test('is accepted with Transfer-Encoding: chunked, in pieces', async () => {
    const signed = await signedHeaders();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = httpRequest(
        `${stack.host.url}/api/webhooks/shopify`,
        { method: 'POST', headers: { ...signed, 'Transfer-Encoding': 'chunked' }, agent: new Agent() },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        },
      );
      sending.on('error', reject);
      for (let start = 0; start < sample.length; start += 300)
        sending.write(sample.subarray(start, start + 300));
      sending.end();
    });
    expect(status).toBe(200);
    expect(patchesOf(stack, '10542')).toHaveLength(1);
  });

  test('of another topic is acknowledged and does nothing', async () => {
    const response = await postShopify(stack, sample, { headers: { 'X-Shopify-Topic': 'customers/delete' } });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
    expect(stack.sandbox.history).toHaveLength(0);
  });

  test('that cannot be mapped is acknowledged, with every reason by path', async () => {
    const payload = { ...JSON.parse(sample.toString()), email: 'not an address', tags: '', metafields: [] };
    const response = await postShopify(stack, JSON.stringify(payload));
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { status: string; violations: { path: string }[] };
    expect(answer.status).toBe('unmappable');
    expect(answer.violations.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['customer.customerId', 'fields.EmailAddress']),
    );
    expect(stack.sandbox.history).toHaveLength(0);
  });
});

describe('a webhook that is not authentic gets 401 and nothing reaches DirectScale', () => {
  test.each([
    ['wrong signature', (signature: string) => signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))],
    ['missing signature', () => undefined],
    ['empty signature', () => ''],
    ['truncated signature', (signature: string) => signature.slice(0, -5)],
    ['too long a signature', (signature: string) => `${signature}AAAA`],
    ['signature in hex', (signature: string) => Buffer.from(signature, 'base64').toString('hex')],
    ['signature with text behind', (signature: string) => `${signature},x`],
  ])('%s', async (_, change) => {
    const headers = await signedHeaders();
    const signature = change(headers['X-Shopify-Hmac-Sha256'] ?? '');
    if (signature === undefined) delete headers['X-Shopify-Hmac-Sha256'];
    else headers['X-Shopify-Hmac-Sha256'] = signature;
    await expectRefused(sample, headers);
  });

  test('a body changed by one byte, at any place', async () => {
    const headers = await signedHeaders();
    for (const place of [0, Math.floor(sample.length / 2), sample.length - 1]) {
      const changed = Buffer.from(sample);
      changed[place] = (changed[place] ?? 0) ^ 1;
      await expectRefused(changed, headers);
    }
  });

  test("a secret that is not the source's", async () => {
    const response = await postShopify(stack, sample, { secret: localSecret('in-house-webhook-secret') });
    expect(response.status).toBe(401);
    expect(stack.sandbox.history).toHaveLength(0);
  });

  test('a canonical delivery with the wrong secret', async () => {
    const payload = { customer: { customerId: '10542' }, fields: { FirstName: 'Eve' } };
    const response = await postCanonical(stack, payload, { secret: localSecret('another') });
    expect(response.status).toBe(401);
    expect(stack.sandbox.history).toHaveLength(0);
  });
});

describe('a request that cannot be taken', () => {
  test('body over the limit: 413 before it is read whole, by its length or by counting', async () => {
    const large = Buffer.alloc(200_000, ' ');
    const byLength = await postShopify(stack, large);
    expect(byLength.status).toBe(413);
    const byCounting = await sendUntilAnswered(`${stack.host.url}/api/webhooks/shopify`, 50_000_000);
    expect(byCounting.status).toBe(413);
    expect(JSON.parse(byCounting.body)).toMatchObject({ code: 'body-too-large', status: 413 });
    expect(byCounting.sent).toBeLessThan(10_000_000);
  });

  test.each([
    ['unknown source', 'nobody', {}, 404, 'unknown-source'],
    ['compressed body', 'shopify', { 'Content-Encoding': 'gzip' }, 415, 'unsupported-encoding'],
    ['source with a mapping that does not compile', 'broken', {}, 503, 'configuration-incomplete'],
  ])('%s', async (_, source, headers, status, code) => {
    const response = await fetch(`${stack.host.url}/api/webhooks/${source}`, {
      method: 'POST',
      body: sample,
      headers: { ...(await signedHeaders()), ...headers },
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code, status, type: `urn:customer-relay:problem:${code}` });
  });

  test('an authentic body that is not JSON: 400', async () => {
    const response = await postShopify(stack, '{"id": 1');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'malformed-body' });
  });
});

test('a canonical source sends dangerous fields, unless `allow` says less', async () => {
  const payload = { customer: { customerId: '10542' }, fields: { CustomerType: 2, WebAlias: 'maria' } };
  const open = await postCanonical(stack, payload);
  expect(await open.json()).toMatchObject({ changes: [{ outcome: 'applied' }] });
  const cautious = await postCanonical(stack, payload, { source: 'cautious' });
  expect(await cautious.json()).toMatchObject({
    status: 'unmappable',
    violations: [{ path: 'CustomerType' }],
  });
  expect(patchesOf(stack, '10542')).toEqual([{ CustomerType: 2, WebAlias: 'maria' }]);
});

/** Sends a body of unknown length, piece by piece, until there is an answer (or `most` bytes are sent). */
function sendUntilAnswered(
  url: string,
  most: number,
): Promise<{ status?: number; body: string; sent: number }> {
  const piece = Buffer.alloc(16_384, ' ');
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = false;
    const sending = httpRequest(url, { method: 'POST' }, (response) => {
      answered = true;
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => {
        sending.destroy();
        resolve({ status: response.statusCode ?? 0, body, sent });
      });
    });
    sending.on('error', (error) => answered || reject(error));
    const more = () => {
      if (answered || sent >= most) return;
      sent += piece.length;
      if (sending.write(piece)) setImmediate(more);
      else sending.once('drain', more);
    };
    more();
  });
}

async function signedHeaders(): Promise<Record<string, string>> {
  const secret = localSecret('shopify-webhook-secret');
  return {
    'X-Shopify-Topic': 'customers/update',
    'X-Shopify-Webhook-Id': crypto.randomUUID(),
    'X-Shopify-Hmac-Sha256': createHmac('sha256', secret).update(sample).digest('base64'),
  };
}

async function expectRefused(body: Buffer<ArrayBuffer>, headers: Record<string, string>): Promise<void> {
  const response = await fetch(`${stack.host.url}/api/webhooks/shopify`, { method: 'POST', body, headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'unauthorized' });
  expect(stack.sandbox.history).toHaveLength(0);
}
