import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

const attributeSchema = z.object({
  key: z.string(),
  value: z.looseObject({
    stringValue: z.string().optional(),
    boolValue: z.boolean().optional(),
    intValue: z.union([z.string(), z.number()]).optional(),
    doubleValue: z.number().optional(),
  }),
});

const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes: z.array(attributeSchema).default([]),
  status: z.object({ code: z.int().optional() }).optional(),
});

const tracesSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attributeSchema).default([]) }).optional(),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

/** A span as the collector got it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** The process that made it. */
  readonly pid: string;
}

export interface TraceCollector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Every body of `/v1/metrics`. */
  readonly metrics: readonly unknown[];
  close(): Promise<void>;
}

/** The OpenTelemetry status code of a failure. */
const failed = 2;

/**
 * A collector on 127.0.0.1 that takes spans and metrics as JSON over HTTP
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp) and keeps them. `onSpans` is told what came.
 */
export async function startTraceCollector(
  onSpans: (spans: readonly CollectedSpan[]) => void = () => undefined,
): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const metrics: unknown[] = [];
  const server = createServer(async (request, response) => {
    try {
      const body: unknown = JSON.parse(await text(request));
      if (request.url === '/v1/traces') {
        const collected = read(tracesSchema.parse(body));
        spans.push(...collected);
        onSpans(collected);
      } else metrics.push(body);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function read({ resourceSpans }: z.infer<typeof tracesSchema>): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const pid = valuesOf(resource?.attributes ?? [])['process.pid'] ?? '';
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ startTimeUnixNano, endTimeUnixNano, attributes, status, ...span }) => ({
        ...span,
        parentSpanId: span.parentSpanId || undefined,
        start: Number(startTimeUnixNano) / 1e6,
        durationMs: Number(endTimeUnixNano - startTimeUnixNano) / 1e6,
        failed: status?.code === failed,
        attributes: valuesOf(attributes),
        pid,
      })),
    );
  });
}

function valuesOf(attributes: readonly z.infer<typeof attributeSchema>[]): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      String(value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue ?? ''),
    ]),
  );
}
