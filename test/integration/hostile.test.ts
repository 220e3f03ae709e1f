import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localSecret } from '../../local/sender.ts';
import type { Stack } from '../../local/stack.ts';
import {
  functionKey,
  outcomeOf,
  patchCustomer,
  postCanonical,
  postShopify,
  startRelay,
} from './relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelay({ SECRETS_MIN_REFRESH_SECONDS: '3600' });
});
afterAll(() => stack?.stop());

/** Looks like personal data in whatever text it comes back in. */
const marker = 'Zyxwv-Private';
const runs = { numRuns: 60 };

async function expectCalm(response: Response): Promise<void> {
  const text = await response.text();
  const described =
    response.status < 300 || response.headers.get('content-type') === 'application/problem+json';
  expect({ status: response.status, described }).toEqual({
    status: expect.toSatisfy(
      (status: number) => (status >= 200 && status < 300) || (status >= 400 && status < 500),
    ),
    described: true,
  });
  for (const secret of secretValues()) expect(text).not.toContain(secret);
  expect(text).not.toContain(marker);
}

const secretValues = () =>
  ['shopify-webhook-secret', 'in-house-webhook-secret', 'directscale-subscription-key']
    .map(localSecret)
    .concat(functionKey);

const deep = (levels: number, text = '') => `${'{"a":'.repeat(levels)}"${text}"${'}'.repeat(levels)}`;

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Uint8Array.from(bytes)),
  fc.json({ maxDepth: 6 }),
  fc.constantFrom(
    deep(10_000, marker),
    '['.repeat(100_000),
    `{"__proto__":{"polluted":"${marker}"},"constructor":{"prototype":{"polluted":true}}}`,
    `{"first_name":"${marker}","first_name":"\\ud800","customer":{"customerId":"1"},"fields":{"FirstName":"\\udfff"}}`,
    `{"customer":{"customerId":"10542"},"fields":{"EmailAddress":"${marker}","Nickname":"${marker}"}}`,
    `{"customer":{"customerId":"${marker}"},"occurredAt":"${marker}","fields":{"FirstName":"a"}}`,
    `{"id":${'9'.repeat(400)},"customer":{"customerId":1e400},"fields":{"FirstName":"${marker}"}}`,
    `"${'x'.repeat(900_000)}"`,
    'null',
    '',
    '\ufeff{}',
  ),
);

test('whatever the body, signed or not, every answer is 2xx or a 4xx problem', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, fc.boolean(), async (body, authentic) => {
      const other = { secret: localSecret('not a secret of any source') };
      await expectCalm(await postShopify(stack, body, authentic ? {} : other));
      const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
      await expectCalm(await postCanonical(stack, text, authentic ? {} : other));
      await expectCalm(await preview(body));
    }),
    runs,
  );
});

test('whatever the headers, every answer is 2xx or a 4xx problem', async () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
    maxLength: 200,
  });
  const names = [
    'X-Shopify-Topic',
    'X-Shopify-Hmac-Sha256',
    'X-Shopify-Webhook-Id',
    'X-Shopify-Event-Id',
    'Content-Type',
    'Prefer',
    'Idempotency-Key',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
  ];
  const headers = fc.dictionary(
    fc.constantFrom(...names),
    value.map((text) => text.trim()),
  );
  await fc.assert(
    fc.asyncProperty(headers, fc.boolean(), async (given, authentic) => {
      const { 'X-Shopify-Hmac-Sha256': forged, ...others } = given;
      const body = `{"first_name":"${marker}"}`;
      const signature = forged === undefined || authentic ? {} : { 'X-Shopify-Hmac-Sha256': forged };
      await expectCalm(await postShopify(stack, body, { headers: { ...others, ...signature } }));
      const url = `${stack.host.url}/api/webhooks/in-house`;
      await expectCalm(await fetch(url, { method: 'POST', headers: given, body }));
      // Invalid, so that every answer is one of ours and nothing reaches DirectScale.
      const direct = { headers: { ...given, 'x-functions-key': functionKey } };
      await expectCalm(await patchCustomer(stack, '10542', { Nickname: marker }, direct));
    }),
    runs,
  );
});

test('whatever an operator asks for, every answer is 2xx or a 4xx problem', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  const names = ['status', 'reason', 'source', 'customer', 'since', 'until', 'limit', 'from', 'other'];
  const likely = fc.constantFrom('parked', 'shopify', '10542', '2026-11-20T21:05:00Z', '3', "' or '1' eq '1");
  const value = fc.oneof(text, likely);
  // One at a time, too: among several there is nearly always one that is refused first.
  const query = fc.oneof(
    fc.tuple(fc.constantFrom(...names), value).map(([name, given]) => ({ [name]: given })),
    fc.dictionary(fc.constantFrom(...names), value),
  );
  const id = fc.oneof(
    text.filter((segment) => !['', '.', '..'].includes(segment)),
    fc.stringMatching(/^\d{8}-\d{9}-[0-9a-f]{16}$/),
  );
  await fc.assert(
    fc.asyncProperty(query, id, async (asked, segment) => {
      const search = new URLSearchParams(asked).toString();
      const path = encodeURIComponent(segment.toWellFormed());
      await expectCalm(await operate('GET', `deliveries?${search}`));
      await expectCalm(await operate('GET', `deliveries/${path}`));
      await expectCalm(await operate('POST', `deliveries/${path}/replay`));
      await expectCalm(await operate('DELETE', `customers/${path}/deliveries`));
    }),
    runs,
  );
});

test('afterwards the relay still works; its log and its records hold no secret and no field value', async () => {
  const response = await postCanonical(stack, {
    customer: { customerId: '10542' },
    fields: { FirstName: marker },
  });
  await expectCalm(response.clone());
  expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied' });
  await expectCalm(await operate('GET', 'deliveries?limit=500'));
  expect(stack.host.process.exitCode).toBeNull();
  for (const secret of [...secretValues(), marker]) expect(stack.host.log()).not.toContain(secret);
});

function operate(method: string, path: string): Promise<Response> {
  return fetch(`${stack.host.url}/api/${path}`, { method, headers: { 'x-functions-key': functionKey } });
}

function preview(body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(`${stack.host.url}/api/preview/shopify`, {
    method: 'POST',
    headers: { 'x-functions-key': functionKey, 'X-Shopify-Topic': 'customers/update' },
    body,
  });
}
