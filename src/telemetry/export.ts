import {
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { azureCredential } from '../azure/credential.ts';
import { type Metric, metrics } from './metrics.ts';
import type { Attributes, Measurement, Recorded, RecordedSpan, SpanKind } from './recorded.ts';
import type { SpanContext } from './trace-context.ts';

/**
 * Plays what was recorded back into the OpenTelemetry SDK, which aggregates it and hands it to the exporter. Import this
 * file at first use only: it brings the SDK along. Rejects when nothing could be exported.
 */
export async function exportRecorded({ spans, measurements }: Recorded): Promise<void> {
  const { playSpan, playMeasurement, flush } = await pipeline();
  spans.forEach(playSpan);
  measurements.forEach(playMeasurement);
  await flush();
}

interface Pipeline {
  playSpan(span: RecordedSpan): void;
  playMeasurement(measurement: Measurement): void;
  flush(): Promise<void>;
}

let opened: Promise<Pipeline> | undefined;

function pipeline(): Promise<Pipeline> {
  opened ??= open();
  return opened;
}

/** By this the exporter for Application Insights names what a queue sets off; it has no use for the span's name. */
const operationName = 'ai.operation.name';

/** As often as metrics are handed over on their own; each batch hands them over, too. */
const metricIntervalMs = 60_000;

async function open(): Promise<Pipeline> {
  const exporters = await openExporters();
  const resource = resourceFromAttributes({
    'service.name': process.env.OTEL_SERVICE_NAME ?? process.env.WEBSITE_SITE_NAME ?? 'customer-relay',
    'service.instance.id': process.env.WEBSITE_INSTANCE_ID ?? String(process.pid),
    'process.pid': process.pid,
  });
  // A span that is played back keeps the ids that it had.
  let next: SpanContext | undefined;
  const tracerProvider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporters.spans)],
    idGenerator: {
      generateTraceId: () => next?.traceId ?? '',
      generateSpanId: () => next?.spanId ?? '',
    },
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: exporters.metrics,
    exportIntervalMillis: metricIntervalMs,
  });
  const meterProvider = new MeterProvider({ resource, readers: [reader] });
  const tracer = tracerProvider.getTracer('customer-relay');
  const meter = meterProvider.getMeter('customer-relay');
  const instruments = new Map<Metric, (value: number, attributes: Attributes) => void>();
  for (const name of Object.keys(metrics) as Metric[]) {
    const { kind, unit, description } = metrics[name];
    if (kind === 'counter') {
      const counter = meter.createCounter(name, { unit, description });
      instruments.set(name, (value, attributes) => counter.add(value, { ...attributes }));
    } else {
      const histogram = meter.createHistogram(name, { unit, description });
      instruments.set(name, (value, attributes) => histogram.record(value, { ...attributes }));
    }
  }
  return {
    playSpan({ context: mine, parent, name, kind, start, end, attributes, failed }) {
      next = mine;
      const above = parent ? trace.setSpanContext(ROOT_CONTEXT, remote(parent)) : ROOT_CONTEXT;
      const named = kind === 'consumer' ? { ...attributes, [operationName]: name } : { ...attributes };
      const options = { kind: spanKinds[kind], startTime: start, attributes: named };
      const played = tracer.startSpan(name, options, above);
      if (failed) played.setStatus({ code: SpanStatusCode.ERROR });
      played.end(end);
    },
    playMeasurement: ({ metric, value, attributes }) => instruments.get(metric)?.(value, attributes),
    async flush() {
      await Promise.all([tracerProvider.forceFlush(), meterProvider.forceFlush()]);
    },
  };
}

const spanKinds: Readonly<Record<SpanKind, OtelSpanKind>> = {
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
  internal: OtelSpanKind.INTERNAL,
};

function remote({ traceId, spanId }: SpanContext) {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

interface Exporters {
  readonly spans: SpanExporter;
  readonly metrics: PushMetricExporter;
}

/** Application Insights where its connection string is set, else a collector at OTEL_EXPORTER_OTLP_ENDPOINT. */
async function openExporters(): Promise<Exporters> {
  const connectionString = process.env.APPLICATIONINSIGHTS_CONNECTION_STRING;
  if (!connectionString) {
    const [{ OTLPTraceExporter }, { OTLPMetricExporter }] = await Promise.all([
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
    ]);
    return { spans: new OTLPTraceExporter(), metrics: new OTLPMetricExporter() };
  }
  const { AzureMonitorTraceExporter, AzureMonitorMetricExporter } = await import(
    '@azure/monitor-opentelemetry-exporter'
  );
  const credential = identityOf(process.env.APPLICATIONINSIGHTS_AUTHENTICATION_STRING);
  const options = { connectionString, ...(credential && { credential }) };
  return { spans: new AzureMonitorTraceExporter(options), metrics: new AzureMonitorMetricExporter(options) };
}

/** `ClientId=…;Authorization=AAD`: https://learn.microsoft.com/azure/azure-functions/functions-app-settings */
function identityOf(authentication: string | undefined) {
  if (!/(^|;)\s*Authorization=AAD\s*(;|$)/i.test(authentication ?? '')) return undefined;
  return azureCredential(/ClientId=([^;]+)/i.exec(authentication ?? '')?.[1]?.trim());
}
