import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { functionKey, startRelay } from '../integration/relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

/** An operator's call: the path goes as it is, however odd. */
async function operate(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(`${stack.host.url}/api/${path}`, {
      method,
      headers: { 'x-functions-key': functionKey },
    });
    call.on('error', reject);
    call.on('response', async (response) =>
      resolve({ status: response.statusCode ?? 0, body: await text(response) }),
    );
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const token = (value: unknown) => encodeURIComponent(Buffer.from(JSON.stringify(value)).toString('base64'));
const oddNames = [
  'a/b',
  "a'b",
  "' or '1' eq '1",
  'a\u0000b',
  'a\nb',
  'a\\b',
  '?',
  '#',
  '\u{1F600}',
  'x'.repeat(3000),
];
const oddTokens: unknown[] = [
  { nextPartitionKey: '' },
  { nextPartitionKey: 'x' },
  { nextPartitionKey: '1!4!eA--', nextRowKey: '1!4!eA--' },
  { nextPartitionKey: '\u0000' },
  { nextPartitionKey: "'" },
  { nextPartitionKey: 'x'.repeat(3000) },
  { nextPartitionKey: 'x', nextRowKey: 7 },
  { nextPartitionKey: 'x', nextRowKey: { a: 1 } },
  { nextPartitionKey: 'é\u{1F600}' },
  { nextPartitionKey: 'x', nextRowKey: '\r\nX-Injected: 1' },
];
const lists = [
  'deliveries?',
  'deliveries?status=parked&',
  'deliveries?customer=10542&',
  'links?',
  'links?customer=10542&',
];

describe('whatever an operator asks for, it is not the relay that is at fault', () => {
  test.each(lists)('GET /api/%s with an odd source or page', async (list) => {
    const queries = [
      ...oddNames.map((name) => `source=${encodeURIComponent(name)}`),
      ...oddTokens.map((value) => `from=${token(value)}`),
      'from=20260101-000000000-0000000000000000',
    ];
    const faults: string[] = [];
    for (const query of queries) {
      const { status, body } = await operate('GET', `${list}${query}`);
      if (status >= 500) faults.push(`${query.slice(0, 80)}: ${status} ${body}`);
    }
    expect(faults).toEqual([]);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s of the link of an odd source', async (method) => {
    const faults: string[] = [];
    for (const name of oddNames) {
      const body = method === 'PUT' ? { customerId: '7' } : undefined;
      const answer = await operate(method, `links/${encodeURIComponent(name)}/1`, body);
      if (answer.status >= 500) faults.push(`${name.slice(0, 20)}: ${answer.status} ${answer.body}`);
    }
    expect(faults).toEqual([]);
  });

  test.each([
    ['POST', 'deliveries/replay?source=%00'],
    ['POST', `deliveries/replay?from=${token({ nextPartitionKey: '\u0000' })}`],
    ['GET', 'deliveries?since=9999-12-31T23:59:59Z'],
    ['GET', 'deliveries?until=1970-01-01T00:00:00Z'],
    ['GET', 'deliveries?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z'],
    ['GET', 'deliveries?limit=1e2'],
    ['GET', 'deliveries/99999999-999999999-0000000000000000'],
    ['POST', 'deliveries/00000000-000000000-0000000000000000/replay'],
    ['DELETE', 'customers/9999999999999999999/deliveries'],
    ['GET', 'links/shopify/%E0%A4%A'],
    ['GET', `links/shopify/${'%F0%9F%98%80'.repeat(127)}`],
    ['DELETE', `links/shopify/${'a'.repeat(3000)}`],
    ['PATCH', `customers/10542?occurredAt=${'9'.repeat(400)}`],
    ['POST', 'preview/shopify'],
  ])('%s /api/%s', async (method, path) => {
    const { status, body } = await operate(method, path);
    expect({ status, body }).toEqual({ status: expect.toSatisfy((code: number) => code < 500), body });
  });
});
