import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAzurite } from '../../local/azurite.ts';
import { localSecret } from '../../local/sender.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { call, until, untilNothingIsPending } from './operator.ts';
import {
  type DeliveryReport,
  functionKey,
  getDelivery,
  newCustomer,
  outcomeOf,
  patchesOf,
  postCanonical,
  postShopify,
  quickRetries,
  relayConfig,
  shopifyHeaders,
  shopifySample,
  startRelay,
} from './relay-under-test.ts';

let stack: Stack;
let customerId: string;
let sample: string;

beforeAll(async () => {
  stack = await startRelay({
    ...quickRetries,
    SECRETS_MIN_REFRESH_SECONDS: '3600',
    MAX_BODY_BYTES: '20000',
  });
});
afterAll(() => stack?.stop());
beforeEach(async () => {
  stack.sandbox.reset();
  customerId = newCustomer(stack);
  sample = await shopifySample(customerId);
});

const isDeliveryId = expect.stringMatching(/^\d{8}-\d{9}-[0-9a-f]{16}$/);

describe('a signed webhook', () => {
  test('is answered 202 with its address, and changes the customer', async () => {
    const response = await postShopify(stack, sample);
    expect(response.status).toBe(202);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const { deliveryId } = (await response.clone().json()) as DeliveryReport;
    expect(response.headers.get('location')).toBe(`${stack.host.url}/api/deliveries/${deliveryId}`);

    expect(await outcomeOf(stack, response)).toMatchObject({
      deliveryId: isDeliveryId,
      status: 'applied',
      source: 'shopify',
      topic: 'customers/update',
      changes: [{ index: 0, customerId, status: 'applied', attempts: [{ outcome: 'applied', status: 200 }] }],
    });
    expect(patchesOf(stack, customerId)).toHaveLength(1);
    expect(stack.sandbox.customers.get(customerId)).toMatchObject({
      FirstName: 'Maria',
      PrimaryAddress: { Street1: '2600 Executive Pkwy', City: 'Lehi', Region: 'UT' },
    });
  });

  test('is to be read at its address with the function key only', async () => {
    const response = await postShopify(stack, sample);
    const { deliveryId, status } = await outcomeOf(stack, response);
    expect(status).toBe('applied');
    expect((await fetch(response.headers.get('location') ?? '')).status).toBe(401);
    expect((await getDelivery(stack, deliveryId)).status).toBe(200);
  });

  test('is accepted with the second secret of a rotation', async () => {
    const response = await postShopify(stack, sample, { secret: localSecret('shopify-webhook-secret-next') });
    expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied' });
    expect(patchesOf(stack, customerId)).toHaveLength(1);
  });

  test('is accepted with Transfer-Encoding: chunked, in pieces', async () => {
    const answer = await postInPieces(Buffer.from(sample));
    expect(await outcomeOf(stack, answer)).toMatchObject({ status: 'applied' });
    expect(patchesOf(stack, customerId)).toHaveLength(1);
  });

  test('of another topic is acknowledged and does nothing', async () => {
    const response = await postShopify(stack, sample, { headers: { 'X-Shopify-Topic': 'orders/create' } });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      deliveryId: isDeliveryId,
      status: 'ignored',
      topic: 'orders/create',
      changes: [{ status: 'ignored', reason: 'not a topic about customer data' }],
    });
    expect(stack.sandbox.history).toHaveLength(0);
  });

  test('of which a field cannot be used is applied without it, and says so', async () => {
    const body = await shopifySample(customerId, { email: 'not an address' });
    const outcome = await outcomeOf(stack, await postShopify(stack, body));
    expect(outcome).toMatchObject({
      status: 'applied',
      changes: [{ violations: [] }],
    });
    expect(outcome.changes[0]?.leftOut).toContainEqual({
      path: 'EmailAddress',
      reason: expect.stringContaining('e-mail address'),
    });
    expect(patchesOf(stack, customerId)).toEqual([
      expect.not.objectContaining({ EmailAddress: expect.anything() }),
    ]);
  });

  test('of which nothing can be used is taken and parked, with every reason by path', async () => {
    const payload = {
      customer: { customerId },
      fields: { EmailAddress: 'not an address', LanguageCode: 'Klingon' },
    };
    const response = await postCanonical(stack, payload);
    const outcome = await outcomeOf(stack, response);
    expect(outcome).toMatchObject({
      status: 'parked',
      changes: [{ status: 'parked', reason: 'unmappable', customerId, attempts: [] }],
    });
    const paths = outcome.changes[0]?.violations.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['EmailAddress', 'LanguageCode']));
    expect(stack.sandbox.history).toHaveLength(0);
  });

  test('for a customer whom DirectScale does not have is parked, not repeated', async () => {
    const response = await postShopify(stack, await shopifySample('99999999'));
    expect(await outcomeOf(stack, response)).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'customer-not-found', attempts: [{ outcome: 'customer-not-found', status: 404 }] }],
    });
  });
});

describe('a webhook that comes again', () => {
  test('after the first is done: the same outcome, and no second PATCH', async () => {
    const headers = shopifyHeaders(sample);
    const first = await postShopify(stack, sample, { headers });
    const outcome = await outcomeOf(stack, first);
    const second = await postShopify(stack, sample, { headers });
    expect(second.status).toBe(202);
    // Its own address leads to what became of the first one.
    await untilNothingIsPending(stack.host.url);
    expect(await outcomeOf(stack, second)).toEqual(outcome);
    expect(patchesOf(stack, customerId)).toHaveLength(1);
  });

  test('ten at a time: the same outcome for all, and one PATCH', async () => {
    const payload = { customer: { customerId }, fields: { FirstName: 'Ten' } };
    const responses = await Promise.all(
      Array.from({ length: 10 }, () => postCanonical(stack, payload, { id: `msg_ten-${customerId}` })),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([202]));
    await untilNothingIsPending(stack.host.url);
    const outcomes = await Promise.all(responses.map((response) => outcomeOf(stack, response)));
    expect(new Set(outcomes.map(({ deliveryId }) => deliveryId)).size).toBe(1);
    expect(outcomes[0]?.status).toBe('applied');
    expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Ten' }]);
  });

  test('and waits for the outcome: 200 with what became of it', async () => {
    const payload = { customer: { customerId }, fields: { FirstName: 'Again' } };
    const id = `msg_again-${customerId}`;
    const first = await postCanonical(stack, payload, { id, source: 'in-house-sync' });
    const second = await postCanonical(stack, payload, { id, source: 'in-house-sync' });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await second.json()).toEqual(await first.json());
    expect(patchesOf(stack, customerId)).toHaveLength(1);
  });

  test('the same id of another source is another delivery', async () => {
    const payload = { customer: { customerId }, fields: { FirstName: 'Other' } };
    const id = `msg_other-${customerId}`;
    const first = await postCanonical(stack, payload, { id });
    const second = await postCanonical(stack, payload, { id, source: 'cautious' });
    expect(second.headers.get('location')).not.toBe(first.headers.get('location'));
    expect([(await outcomeOf(stack, first)).source, (await outcomeOf(stack, second)).source]).toEqual([
      'in-house',
      'cautious',
    ]);
  });
});

describe('a webhook whose sender waits', () => {
  test.each([
    ['a source with "mode": "sync"', { source: 'in-house-sync' }],
    ['Prefer: wait', { headers: { Prefer: 'wait' } }],
    ['Prefer: wait=10, among others', { headers: { Prefer: 'return=minimal, wait=10' } }],
  ])('%s: 200 with the outcome of each change', async (_, how) => {
    const other = newCustomer(stack);
    const payload = [
      { customer: { customerId }, fields: { FirstName: 'Now' } },
      { customer: { customerId: '99999999' }, fields: { FirstName: 'Nobody' } },
      { customer: { customerId: other }, fields: { FirstName: 'Now, too' } },
    ];
    const response = await postCanonical(stack, payload, how);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as DeliveryReport;
    expect(response.headers.get('location')).toBe(`${stack.host.url}/api/deliveries/${answer.deliveryId}`);
    expect(answer).toMatchObject({
      status: 'parked',
      changes: [
        { index: 0, customerId, status: 'applied', fields: ['FirstName'] },
        { index: 1, customerId: '99999999', status: 'parked', reason: 'customer-not-found' },
        { index: 2, customerId: other, status: 'applied' },
      ],
    });
    expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Now' }]);
    expect(patchesOf(stack, other)).toEqual([{ FirstName: 'Now, too' }]);
  });

  test('a failure that passes: 202, and it is applied later', async () => {
    stack.sandbox.fault({ status: 503, times: 1, match: { method: 'PATCH', customerId } });
    const payload = { customer: { customerId }, fields: { FirstName: 'Later' } };
    const response = await postCanonical(stack, payload, { source: 'in-house-sync' });
    expect(response.status).toBe(202);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.clone().json()).toEqual({ deliveryId: isDeliveryId, status: 'pending' });
    expect(await outcomeOf(stack, response)).toMatchObject({
      status: 'applied',
      changes: [
        {
          attempts: [
            { outcome: 'unavailable', reason: 'server-error', status: 503 },
            { outcome: 'applied', status: 200 },
          ],
        },
      ],
    });
    expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Later' }]);
  });
});

describe('a queued webhook that DirectScale cannot take', () => {
  test('is repeated until it is applied', async () => {
    stack.sandbox.fault({ status: 503, times: 1, match: { method: 'PATCH', customerId } });
    stack.sandbox.fault({ reset: true, times: 1, match: { method: 'PATCH', customerId } });
    const { status, changes } = await outcomeOf(stack, await postShopify(stack, sample));
    expect(status).toBe('applied');
    expect(changes[0]?.attempts.map(({ outcome }) => outcome)).toEqual([
      'unavailable',
      'unavailable',
      'applied',
    ]);
    expect(patchesOf(stack, customerId)).toHaveLength(1);
  });

  test('is parked when the schedule is used up', async () => {
    stack.sandbox.fault({ status: 500, match: { method: 'PATCH', customerId } });
    const { changes } = await outcomeOf(stack, await postShopify(stack, sample));
    expect(changes).toMatchObject([{ status: 'parked', reason: 'retries-exhausted' }]);
    // The first attempt, and one for each of the three delays.
    expect(changes[0]?.attempts).toHaveLength(4);
    expect(patchesOf(stack, customerId)).toEqual([]);
  });
});

test('behind a proxy the address of a delivery is that of PUBLIC_URL, whatever the headers say', async () => {
  const PUBLIC_URL = 'https://relay.example.com/hooks/';
  const alone = await startRelay({ PUBLIC_URL });
  try {
    const headers = { 'X-Forwarded-Host': 'elsewhere.example.org', 'X-Forwarded-Proto': 'http' };
    const response = await postShopify(alone, await shopifySample('10542'), { headers });
    expect(response.status).toBe(202);
    const { deliveryId } = (await response.json()) as DeliveryReport;
    expect(response.headers.get('location')).toBe(
      `https://relay.example.com/hooks/api/deliveries/${deliveryId}`,
    );
  } finally {
    await alone.stop();
  }
});

test('storage that goes down: 503 with Retry-After, and nothing is called', async () => {
  const azurite = await startAzurite();
  const alone = await startStack({
    relayConfig,
    host: { functionKey, env: { AzureWebJobsStorage: azurite.connectionString } },
  });
  try {
    const customerId = newCustomer(alone);
    const payload = (FirstName: string) => ({ customer: { customerId }, fields: { FirstName } });
    await outcomeOf(alone, await postCanonical(alone, payload('before')));
    await azurite.close();
    for (const source of ['in-house', 'in-house-sync']) {
      const response = await postCanonical(alone, payload('after'), { source });
      expect(response.status).toBe(503);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(response.headers.get('retry-after')).toBe('10');
      expect(await response.json()).toMatchObject({ code: 'storage-unavailable', status: 503 });
    }
    expect(patchesOf(alone, customerId)).toEqual([{ FirstName: 'before' }]);
    const health = await fetch(`${alone.host.url}/api/health/details?code=${functionKey}`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: 'not-ready', storage: 'unavailable' });
  } finally {
    await alone.stop();
    await azurite.close();
  }
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
    const headers = shopifyHeaders(sample);
    const signature = change(headers['X-Shopify-Hmac-Sha256'] ?? '');
    if (signature === undefined) delete headers['X-Shopify-Hmac-Sha256'];
    else headers['X-Shopify-Hmac-Sha256'] = signature;
    await expectRefused(Buffer.from(sample), headers);
  });

  test('a body changed by one byte, at any place', async () => {
    const headers = shopifyHeaders(sample);
    const { byteLength } = Buffer.from(sample);
    for (const place of [0, Math.floor(byteLength / 2), byteLength - 1]) {
      const changed = Buffer.from(sample);
      changed[place] = (changed[place] ?? 0) ^ 1;
      await expectRefused(changed, headers);
    }
  });

  test("a secret that is not the source's; nothing is recorded", async () => {
    const since = new Date().toISOString();
    const response = await postShopify(stack, sample, { secret: localSecret('in-house-webhook-secret') });
    expect(response.status).toBe(401);
    expect(stack.sandbox.history).toHaveLength(0);
    const list = await fetch(`${stack.host.url}/api/deliveries?since=${since}&code=${functionKey}`);
    expect(await list.json()).toEqual({ changes: [] });
  });

  test('a canonical delivery with the wrong secret', async () => {
    const payload = { customer: { customerId }, fields: { FirstName: 'Eve' } };
    const response = await postCanonical(stack, payload, { secret: localSecret('another') });
    expect(response.status).toBe(401);
    expect(stack.sandbox.history).toHaveLength(0);
  });
});

describe('a request that cannot be taken', () => {
  test.each([
    ['unknown source', 'nobody', {}, 404, 'unknown-source'],
    ['compressed body', 'shopify', { 'Content-Encoding': 'gzip' }, 415, 'unsupported-encoding'],
  ])('%s', async (_, source, headers, status, code) => {
    const response = await fetch(`${stack.host.url}/api/webhooks/${source}`, {
      method: 'POST',
      body: sample,
      headers: { ...shopifyHeaders(sample), ...headers },
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code, status, type: `urn:customer-relay:problem:${code}` });
  });

  test('but one for a mapping that does not compile is taken, and waits', async () => {
    const alone = await startRelay();
    try {
      const response = await fetch(`${alone.host.url}/api/webhooks/broken`, {
        method: 'POST',
        body: sample,
        headers: shopifyHeaders(sample),
      });
      expect(response.status).toBe(202);
      const isSaid = () =>
        /mapping-unusable: broken\.jsonata:\d+:\d+ does not compile/.test(alone.host.log());
      await until(isSaid, 'the log says why');
      const { deliveryId } = (await response.json()) as DeliveryReport;
      expect((await getDelivery(alone, deliveryId)).status).toBe(202);
      const health = await call(alone.host.url, 'health/details');
      expect(await health.json()).toMatchObject({ status: 'degraded', sources: { broken: 'misconfigured' } });
    } finally {
      await alone.stop();
    }
  });

  test('an authentic body that is not JSON: 400', async () => {
    const response = await postShopify(stack, '{"id": 1');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'malformed-body' });
  });
});

test('a canonical source sends dangerous fields, unless `allow` says less', async () => {
  const payload = { customer: { customerId }, fields: { CustomerType: 1, WebAlias: 'maria' } };
  const cautious = await postCanonical(stack, payload, { source: 'cautious' });
  expect(await outcomeOf(stack, cautious)).toMatchObject({
    status: 'applied',
    changes: [{ leftOut: [{ path: 'CustomerType', reason: expect.stringContaining('allow') }] }],
  });
  expect(patchesOf(stack, customerId)).toEqual([{ WebAlias: 'maria' }]);
  const open = await postCanonical(stack, payload);
  expect(await outcomeOf(stack, open)).toMatchObject({ status: 'applied' });
  expect(patchesOf(stack, customerId)).toEqual([
    { WebAlias: 'maria' },
    expect.objectContaining({ CustomerType: 1 }),
  ]);
});

/** Posts Shopify's bytes without a length, in pieces. `fetch` cannot. */
function postInPieces(body: Buffer): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(
      `${stack.host.url}/api/webhooks/shopify`,
      {
        method: 'POST',
        headers: { ...shopifyHeaders(body), 'Transfer-Encoding': 'chunked' },
        agent: new Agent(),
      },
      (response) => {
        response.resume();
        const { location = '' } = response.headers;
        response.on('end', () =>
          resolve(new Response(null, { status: response.statusCode ?? 0, headers: { location } })),
        );
      },
    );
    sending.on('error', reject);
    for (let start = 0; start < body.length; start += 300) sending.write(body.subarray(start, start + 300));
    sending.end();
  });
}

async function expectRefused(body: Buffer<ArrayBuffer>, headers: Record<string, string>): Promise<void> {
  const response = await fetch(`${stack.host.url}/api/webhooks/shopify`, { method: 'POST', body, headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'unauthorized' });
  expect(stack.sandbox.history).toHaveLength(0);
}
