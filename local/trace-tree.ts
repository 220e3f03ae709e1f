import type { CollectedSpan } from './trace-collector.ts';

/** Shown beside a span's name, in this order; the rest is for machines. */
const shown = [
  'relay.source',
  'relay.delivery_id',
  'relay.customer_id',
  'relay.status',
  'relay.outcome',
  'relay.reason',
  'http.request.method',
  'http.response.status_code',
];

/** One trace as a tree: each span with its duration in ms and when it began after the first. */
export function traceTree(spans: readonly CollectedSpan[]): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const first = Math.min(...spans.map(({ start }) => start));
  const lines: string[] = [`trace ${spans[0]?.traceId ?? ''}`];
  const add = (span: CollectedSpan, before: string, isLast: boolean): void => {
    lines.push(`${before}${isLast ? '└─ ' : '├─ '}${lineOf(span, first)}`);
    addAll(
      spans.filter(({ parentSpanId }) => parentSpanId === span.spanId),
      `${before}${isLast ? '   ' : '│  '}`,
    );
  };
  const addAll = (siblings: readonly CollectedSpan[], before: string): void => {
    const inOrder = siblings.toSorted((a, b) => a.start - b.start);
    for (const [index, span] of inOrder.entries()) add(span, before, index === inOrder.length - 1);
  };
  // What is above the first span is not ours: the platform's, or the sender's.
  addAll(
    spans.filter(({ parentSpanId }) => !parentSpanId || !known.has(parentSpanId)),
    '',
  );
  return lines.join('\n');
}

function lineOf({ name, start, durationMs, failed, attributes }: CollectedSpan, first: number): string {
  const told = shown.flatMap((key) => attributes[key] ?? []);
  const times = `${durationMs.toFixed(1)} ms at +${(start - first).toFixed(0)}`;
  return [name, times, ...(failed ? ['FAILED'] : []), ...told].join('  ');
}

/**
 * Takes spans as they come and prints the trace of each delivery when it is complete, as far as that can be told: when
 * nothing was added to it for `quietMs`.
 */
export function tracePrinter(
  print: (text: string) => void,
  quietMs = 3000,
): (spans: readonly CollectedSpan[]) => void {
  const open = new Map<string, { spans: CollectedSpan[]; timer: NodeJS.Timeout }>();
  return (spans) => {
    for (const [traceId, more] of Map.groupBy(spans, (span) => span.traceId)) {
      const before = open.get(traceId);
      clearTimeout(before?.timer);
      const all = [...(before?.spans ?? []), ...more];
      const timer = setTimeout(() => {
        open.delete(traceId);
        if (all.some(({ attributes }) => attributes['relay.delivery_id'])) print(traceTree(all));
      }, quietMs).unref();
      open.set(traceId, { spans: all, timer });
    }
  };
}
