import { expect, test } from 'vitest';
import type { CollectedSpan } from '../../local/trace-collector.ts';
import { tracePrinter, traceTree } from '../../local/trace-tree.ts';

const span = (spanId: string, parentSpanId: string | undefined, start: number, more = {}): CollectedSpan => ({
  traceId: 't1',
  spanId,
  parentSpanId,
  name: spanId,
  start,
  durationMs: 1.25,
  failed: false,
  attributes: {},
  pid: '1',
  ...more,
});

test('a trace is a tree: children below their parent, in the order in which they began', () => {
  const spans = [
    span('patch', 'apply', 30, { failed: true, attributes: { 'http.response.status_code': '503' } }),
    span('accept', 'http', 20),
    span('receive', 'http', 10),
    span('apply', 'accept', 25, { attributes: { 'relay.status': 'pending', secretly: 'not shown' } }),
    span('http', 'of the platform', 9),
  ];
  expect(traceTree(spans)).toBe(
    [
      'trace t1',
      '└─ http  1.3 ms at +0',
      '   ├─ receive  1.3 ms at +1',
      '   └─ accept  1.3 ms at +11',
      '      └─ apply  1.3 ms at +16  pending',
      '         └─ patch  1.3 ms at +21  FAILED  503',
    ].join('\n'),
  );
});

test('what comes in parts is printed once, and only what is about a delivery', async () => {
  const printed: string[] = [];
  const take = tracePrinter((text) => printed.push(text), 20);
  take([span('health', undefined, 1, { traceId: 't2' })]);
  take([span('http', undefined, 1, { attributes: { 'relay.delivery_id': 'd1' } })]);
  take([span('apply', 'http', 5)]);
  await expect.poll(() => printed.length).toBe(1);
  expect(printed[0]).toContain('   └─ apply');
  // The other trace had its time, too.
  await expect.poll(() => printed).toEqual([expect.stringContaining('trace t1')]);
});
