import type * as z from 'zod';
import type { ProblemCode } from '../problem.ts';

/** One route and method of the API: all that both forms of its description are made of. */
export interface Operation {
  /** The operationId: also the name of a connector's action. */
  readonly id: string;
  readonly method: 'get' | 'head' | 'options' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/api`, as it is registered: `customers/{customerId}`. */
  readonly route: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** `function-key`: checked by Azure Functions. `signature`: the source's own, checked by the relay. */
  readonly security: 'none' | 'function-key' | 'signature';
  readonly parameters?: readonly Parameter[];
  readonly body?: Body;
  readonly answers: readonly Answer[];
  readonly problems: readonly ProblemCode[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  /** What a connector's designer calls it. */
  readonly title: string;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example: string | number | boolean;
}

export interface Body {
  readonly description: string;
  /** One of {@link ../components.ts}. */
  readonly schema: z.ZodType;
  readonly examples: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly description: string;
  /** One of {@link ../components.ts}; absent: no body. */
  readonly schema?: z.ZodType;
  readonly examples?: Readonly<Record<string, unknown>>;
  readonly headers?: readonly HeaderName[];
}

/** Headers of answers, with their meaning. */
export const headers = {
  ETag: 'Names this state of the answer, for If-None-Match.',
  Location: 'The address of the delivery: ask there what became of it.',
  'Retry-After': 'Seconds after which it is worth asking, or sending, again.',
} as const;
export type HeaderName = keyof typeof headers;

/** What every handler may answer that needs the configuration and storage. */
export const everyProblem: readonly ProblemCode[] = [
  'configuration-incomplete',
  'storage-unavailable',
  'unexpected',
];

/** What reading a body may come to. */
export const bodyProblems: readonly ProblemCode[] = [
  'malformed-body',
  'body-timeout',
  'body-too-large',
  'unsupported-encoding',
];
