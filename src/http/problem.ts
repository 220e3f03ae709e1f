import type { HttpResponseInit } from '@azure/functions';
import type { Violation } from '../domain/violation.ts';

/** Every problem that a caller can get: its stable code, status and title. The code is also the end of its `type`. */
export const problems = {
  'malformed-body': [400, 'The body cannot be read'],
  unauthorized: [401, 'The request is not authentic'],
  'unknown-source': [404, 'No such source'],
  'unknown-delivery': [404, 'No such delivery'],
  'unknown-link': [404, 'No such link'],
  'customer-not-found': [404, 'DirectScale has no such customer'],
  'no-vendor-api': [409, 'The vendor cannot be asked for customers'],
  'walk-under-way': [409, 'Another walk is not at its end'],
  'nothing-to-replay': [409, 'The delivery cannot be replayed'],
  'body-timeout': [408, 'The body took too long'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-encoding': [415, 'The body is encoded in a way that is not supported'],
  invalid: [422, 'The request is invalid'],
  rejected: [422, 'DirectScale rejected the change'],
  'address-incomplete': [422, 'The address cannot be completed'],
  'customer-busy': [503, 'Another change to this customer is being written'],
  'customer-paused': [503, 'The customer was written to too often'],
  'paused-by-hand': [503, 'An operator has paused writing'],
  'configuration-incomplete': [503, 'The relay is not configured completely'],
  'upstream-unavailable': [503, 'DirectScale cannot take the change now'],
  'upstream-misconfigured': [503, 'The relay cannot get through to DirectScale'],
  'secrets-unavailable': [503, 'A secret cannot be read'],
  'storage-unavailable': [503, 'The storage account cannot be reached'],
  unexpected: [503, 'The relay failed'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof problems;

export interface ProblemDetails {
  /** What is wrong and what to do about it. Never holds a secret or personal data. */
  readonly detail: string;
  readonly violations?: readonly Violation[];
  /** Seconds after which the caller should try again, for a 503. */
  readonly retryAfterSeconds?: number;
  /** Further members, for instance `upstream`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** An answer of type `application/problem+json` (RFC 9457). */
export function problem(code: ProblemCode, details: ProblemDetails): HttpResponseInit {
  const [status, title] = problems[code];
  const { detail, violations, members } = details;
  const retryAfter = details.retryAfterSeconds ?? (status === 503 ? 30 : undefined);
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(retryAfter !== undefined && { 'Retry-After': String(Math.max(1, Math.ceil(retryAfter))) }),
    },
    body: JSON.stringify({
      type: `urn:customer-relay:problem:${code}`,
      code,
      title,
      status,
      detail,
      ...(violations && { violations }),
      ...members,
    }),
  };
}

/** A problem as an error: thrown inside a handler, answered by {@link answering}. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails, options?: ErrorOptions) {
    super(details.detail, options);
    this.code = code;
    this.details = details;
  }
}

/** A secret cannot be read: which one is for who holds a key. */
export const secretsUnavailable = (): ProblemError =>
  new ProblemError('secrets-unavailable', { detail: 'GET /api/health/details says which secret and why.' });

/** An answer of type `application/json`. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
