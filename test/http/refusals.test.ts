import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../local/stack.ts';
import { startTraceCollector, type TraceCollector } from '../../local/trace-collector.ts';
import { functionKey, until } from '../integration/operator.ts';
import { newCustomer, postShopify, shopifySample } from '../integration/relay-under-test.ts';

let stack: Stack;
let collector: TraceCollector;
beforeAll(async () => {
  collector = await startTraceCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, MAX_BODY_BYTES: '20000' };
  stack = await startStack({ relayConfig: 'test/http/refusals.relay.json', host: { functionKey, env } });
});
afterAll(async () => {
  await stack?.stop();
  await collector?.close();
});

interface Point {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
}

/** How many refusals of a source and reason the metric has told of. */
function counted(source: string, reason: string): number {
  const points = collector.metrics.flatMap((body) => pointsIn(body));
  const mine = points.filter(({ attributes }) => {
    const values = attributes.map(({ value }) => value.stringValue);
    return values.includes(source) && values.includes(reason);
  });
  // Each point counts from the start of the process.
  return Math.max(0, ...mine.map(({ asInt, asDouble }) => Number(asInt ?? asDouble)));
}

function pointsIn(value: unknown): Point[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('name' in value && value.name === 'relay.refusals' && 'sum' in value) {
    // The form of OTLP: https://opentelemetry.io/docs/specs/otlp/
    return (value.sum as { dataPoints: Point[] }).dataPoints;
  }
  return Object.values(value).flatMap(pointsIn);
}

const lines = (source: string, reason: string) =>
  stack.host
    .log()
    .split('\n')
    .filter((line) => line.includes(`{"source":"${source}","reason":"${reason}",`));

test('a flood of forged webhooks: all are counted, one is logged and traced', async () => {
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        expect((await postShopify(stack, '{}', { secret: 'not the secret' })).status).toBe(401);
      }),
    );
  }
  await until(() => counted('shopify', 'unauthorized') === 200, 'the metric tells of all', 20_000);
  expect(lines('shopify', 'unauthorized')).toHaveLength(1);
  const response = await postShopify(stack, await shopifySample(newCustomer(stack)));
  expect(response.status).toBe(202);
  const { deliveryId } = (await response.json()) as { deliveryId: string };
  const isOf = (status: string) =>
    collector.spans.filter(
      ({ name, attributes }) =>
        name === 'HTTP webhooks' && attributes['http.response.status_code'] === status,
    );
  await until(() => isOf('202').length === 1, `the span of ${deliveryId}`);
  expect(isOf('401')).toHaveLength(1);
  expect(collector.spans.filter(({ name }) => name === 'verify')).toHaveLength(2);
});

test('other reasons are counted by themselves; names that no source has are counted together', async () => {
  for (const name of ['nobody', 'somebody', 'anybody']) {
    const response = await fetch(`${stack.host.url}/api/webhooks/${name}`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(404);
  }
  expect((await postShopify(stack, Buffer.alloc(30_000))).status).toBe(413);
  expect((await postShopify(stack, '{"id":')).status).toBe(400);
  await until(() => counted('(unknown)', 'unknown-source') === 3, 'unknown sources', 20_000);
  await until(() => counted('shopify', 'body-too-large') === 1, 'too large', 20_000);
  await until(() => counted('shopify', 'malformed-body') === 1, 'malformed', 20_000);
  expect(lines('(unknown)', 'unknown-source')).toHaveLength(1);
  expect(stack.host.log()).not.toContain('somebody');
});

/** Calls the address so often, and waits until a span of a later call is there: those before it would be, too. */
async function spansAfter(times: number, path: string, init: RequestInit = {}) {
  const before = new Set(collector.spans);
  const statuses = new Set<number>();
  for (let n = 0; n < times; n++) statuses.add((await fetch(`${stack.host.url}/api/${path}`, init)).status);
  const isLater = ({ name }: { name: string }) => name === 'HTTP webhooks';
  const later = await postShopify(stack, await shopifySample(newCustomer(stack)));
  expect(later.status).toBe(202);
  const news = () => collector.spans.filter((span) => !before.has(span));
  await until(
    () => news().some((span) => isLater(span) && span.attributes['http.response.status_code'] === '202'),
    'the span of a later call',
  );
  return { statuses: [...statuses], spans: news() };
}

test('a flood to a source whose secret cannot be read: one line that says which, one span, all counted', async () => {
  stack.vault.remove('unreadable-webhook-secret');
  const { statuses, spans } = await spansAfter(50, 'webhooks/unreadable', { method: 'POST', body: '{}' });
  expect(statuses).toEqual([503]);
  expect(spans.filter(({ attributes }) => attributes['http.response.status_code'] === '503')).toHaveLength(1);
  await until(() => counted('unreadable', 'secrets-unavailable') === 50, 'the metric tells of all', 20_000);
  expect(lines('unreadable', 'secrets-unavailable')).toHaveLength(1);
  const said = stack.host.log().split('\n');
  expect(said.filter((line) => line.includes('secret-missing') && line.includes('unreadable'))).toHaveLength(
    1,
  );
});
test.each([
  ['the ping of a vendor', 'webhooks/woocommerce', { method: 'POST', body: 'webhook_id=1' }],
  ['health', 'health', {}],
  ['the description of the API', 'openapi.json', {}],
  ['a wrong version of it', 'openapi.json?version=9', {}],
  ['the console', 'console', {}],
])('of what anybody may ask for, one span a minute is kept: %s', async (_, path, init) => {
  const { spans } = await spansAfter(20, path, init);
  const roots = spans.filter(({ name }) => name.startsWith('HTTP '));
  expect(roots.length).toBeLessThanOrEqual(2);
});
