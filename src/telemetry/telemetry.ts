import { AsyncLocalStorage } from 'node:async_hooks';
import type { Metric } from './metrics.ts';
import type { Attributes, Recorded, SpanKind } from './recorded.ts';
import { childOf, formatTraceparent, parseTraceparent, type SpanContext } from './trace-context.ts';

/** While nobody can be reached, so much is kept; what comes on top is dropped. */
const maxKept = 5000;
const flushAfterMs = 2000;

interface CurrentSpan {
  readonly context: SpanContext;
  attributes: Attributes;
  isLeftOut?: boolean;
}

const current = new AsyncLocalStorage<CurrentSpan>();
let recorded: Recorded = { spans: [], measurements: [] };
let timer: NodeJS.Timeout | undefined;
let flushing: Promise<void> = Promise.resolve();

/**
 * Whether somebody wants telemetry: Application Insights, or a collector that speaks OTLP. Without one nothing is
 * recorded.
 */
const isOn = Boolean(
  process.env.APPLICATIONINSIGHTS_CONNECTION_STRING || process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
);

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** A traceparent; absent: the span in which this one begins. */
  readonly parent?: string | undefined;
}

/** Records a piece of work as a span, failed when it rejects. The OpenTelemetry SDK is not loaded for that. */
export async function span<Result>(
  name: string,
  { kind = 'internal', attributes = {}, parent }: SpanOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isOn) return work();
  const above = parseTraceparent(parent) ?? current.getStore()?.context;
  const mine: CurrentSpan = { context: childOf(above), attributes };
  const start = performance.timeOrigin + performance.now();
  let failed = true;
  try {
    const result = await current.run(mine, work);
    failed = false;
    return result;
  } finally {
    const end = performance.timeOrigin + performance.now();
    if (mine.isLeftOut) forgetSpansBelow(mine.context);
    else if (mine.context.isSampled) {
      keep(recorded.spans, {
        context: mine.context,
        parent: above,
        name,
        kind,
        start,
        end,
        attributes: mine.attributes,
        failed,
      });
    }
  }
}

/** Adds to the attributes of the span in which this is called. */
export function describeSpan(attributes: Attributes): void {
  const store = current.getStore();
  if (store) store.attributes = { ...store.attributes, ...attributes };
}

/** Leaves out the span in which this is called and those below it: of what anybody can cause, few are enough. */
export function leaveOutSpan(): void {
  const store = current.getStore();
  if (store) store.isLeftOut = true;
}

function forgetSpansBelow({ spanId }: SpanContext): void {
  recorded = { ...recorded, spans: recorded.spans.filter(({ parent }) => parent?.spanId !== spanId) };
}

/** The place of the span in which this is called, for a message that goes on elsewhere. */
export function currentTraceparent(): string | undefined {
  const store = current.getStore();
  return store && formatTraceparent(store.context);
}

/** Counts, or measures. */
export function measure(metric: Metric, value: number, attributes: Attributes): void {
  if (isOn) keep(recorded.measurements, { metric, value, attributes });
}

function keep<Item>(items: Item[], item: Item): void {
  if (items.length < maxKept) items.push(item);
  timer ??= setTimeout(flush, flushAfterMs).unref();
}

/**
 * Hands over what was recorded. The SDK and the exporter are loaded here, after the work is done: they take longer to
 * load than the relay itself. Never rejects: what cannot be handed over is lost, and the exporter says so in the log.
 */
export function flush(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const batch = recorded;
  recorded = { spans: [], measurements: [] };
  if (batch.spans.length + batch.measurements.length === 0) return flushing;
  flushing = flushing
    .then(async () => {
      const { exportRecorded } = await import('./export.ts');
      await exportRecorded(batch);
    })
    .catch((error: unknown) => {
      console.warn(`telemetry is not exported: ${error instanceof Error ? error.message : typeof error}`);
    });
  return flushing;
}
