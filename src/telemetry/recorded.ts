import type { Metric } from './metrics.ts';
import type { SpanContext } from './trace-context.ts';

/** Ids, names and numbers; never a value of a customer. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A piece of work that is over. */
export interface RecordedSpan {
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970, with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** One measurement: of a counter how many more, of a histogram a value. */
export interface Measurement {
  readonly metric: Metric;
  readonly value: number;
  readonly attributes: Attributes;
}

/** What was recorded and not yet handed to an exporter. */
export interface Recorded {
  readonly spans: RecordedSpan[];
  readonly measurements: Measurement[];
}
