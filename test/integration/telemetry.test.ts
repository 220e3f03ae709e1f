import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import { type Surroundings, startSurroundings } from '../../local/stack.ts';
import { type CollectedSpan, startTraceCollector, type TraceCollector } from '../../local/trace-collector.ts';
import { traceTree } from '../../local/trace-tree.ts';
import { until } from './operator.ts';
import { functionKey, newCustomer, postShopify, relayConfig, shopifySample } from './relay-under-test.ts';

let surroundings: Surroundings;
let collector: TraceCollector;
/** Takes webhooks only. */
let front: FunctionHost;
/** Works off the queue. */
let back: FunctionHost;

beforeAll(async () => {
  [surroundings, collector] = await Promise.all([startSurroundings({ relayConfig }), startTraceCollector()]);
  const env = { ...surroundings.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  [front, back] = await Promise.all([
    startFunctionHost({ functionKey, env: { ...env, 'AzureWebJobs.apply.Disabled': 'true' } }),
    startFunctionHost({
      functionKey,
      env: { ...env, RETRY_SCHEDULE: '200 ms', DIRECTSCALE_SETTLE_MS: '200' },
    }),
  ]);
});
afterAll(async () => {
  await Promise.all([front?.stop(), back?.stop()]);
  await Promise.all([collector?.close(), surroundings?.stop()]);
});

/** The spans of a trace, once there are some that fulfil a condition. */
async function traceWith(isThere: (span: CollectedSpan) => boolean): Promise<CollectedSpan[]> {
  const find = () => collector.spans.find(isThere);
  await until(() => find() !== undefined, 'the span is collected');
  // The two processes hand over on their own.
  const complete = () => collector.spans.filter(({ traceId }) => traceId === find()?.traceId);
  await until(
    () => ['HTTP webhooks', 'apply change'].every((name) => complete().some((span) => span.name === name)),
    'both processes have handed over their spans',
  );
  return complete();
}

test('one trace from the webhook through the queue to the PATCH, across two processes', async () => {
  const customerId = newCustomer(surroundings);
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  surroundings.sandbox.fault({ match: { method: 'PATCH', customerId }, times: 1, status: 503 });
  const response = await postShopify({ host: front }, await shopifySample(customerId), {
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });
  expect(response.status).toBe(202);
  const { deliveryId } = (await response.json()) as { deliveryId: string };

  const spans = await traceWith(
    ({ attributes }) =>
      attributes['relay.delivery_id'] === deliveryId && attributes['relay.status'] === 'applied',
  );
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const named = (name: RegExp) => spans.filter((span) => name.test(span.name));
  const [http] = named(/^HTTP webhooks$/);
  const [verified] = named(/^verify$/);
  const [taken] = named(/^take$/);
  const [first, second] = named(/^apply change$/).toSorted((a, b) => a.start - b.start);
  const [refused, patched] = named(/^PATCH /).toSorted((a, b) => a.start - b.start);
  expect(http).toMatchObject({
    parentSpanId: '00f067aa0ba902b7',
    attributes: { 'relay.source': 'shopify', 'http.response.status_code': '202' },
  });
  expect([verified?.parentSpanId, taken?.parentSpanId]).toEqual([http?.spanId, http?.spanId]);
  // The message carries the trace: each attempt stands below what put it into the queue.
  expect([first?.parentSpanId, second?.parentSpanId]).toEqual([taken?.spanId, first?.spanId]);
  expect([refused?.parentSpanId, patched?.parentSpanId]).toEqual([first?.spanId, second?.spanId]);
  expect(refused?.attributes['http.response.status_code']).toBe('503');
  expect(patched?.attributes).toMatchObject({
    'http.response.status_code': '200',
    'relay.outcome': 'applied',
    'relay.directscale.request_id': expect.any(String),
  });
  expect(second?.attributes).toMatchObject({ 'relay.customer_id': customerId, 'relay.status': 'applied' });
  expect(http?.pid).not.toBe(first?.pid);
  expect(patched?.pid).toBe(first?.pid);

  const tree = traceTree(spans);
  expect(tree).toMatch(/^trace 4bf9[\s\S]*└─ HTTP webhooks {2}[\d.]+ ms at \+0 {2}shopify/);
  expect(tree).toContain('\n      └─ apply change');
});

test('metrics: what was accepted, retried and applied, how old it was, how long DirectScale took', async () => {
  const text = () => JSON.stringify(collector.metrics);
  for (const outcome of ['accepted', 'retried', 'applied']) {
    await until(() => text().includes(`{"stringValue":"${outcome}"}`), outcome);
  }
  for (const name of ['relay.changes', 'relay.change.age', 'relay.upstream.duration']) {
    expect(text()).toContain(`"name":"${name}"`);
  }
  expect(text()).toContain('{"key":"source","value":{"stringValue":"shopify"}}');
});

test('no value of the customer is in any of it', () => {
  const all = JSON.stringify([collector.spans, collector.metrics]);
  for (const value of ['Maria', 'Jensen', 'maria.jensen@example.com', '2600 Executive', '84043']) {
    expect(all).not.toContain(value);
  }
});
