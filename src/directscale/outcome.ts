import { retryAfterMs } from '../net/retry-after.ts';

/** What an answer said, for the operator. */
interface Answer {
  readonly status?: number;
  /** `X-DirectScale-RequestId`: by it DirectScale's support finds the call. */
  readonly requestId?: string;
  /** What DirectScale says, of a write that it refuses or answers 500 to only, without the values that were sent. Show it, never branch on it. */
  readonly message?: string;
}

export interface Misconfigured extends Answer {
  readonly outcome: 'misconfigured';
  readonly reason: 'key-rejected' | 'forbidden' | 'not-the-api';
}

export interface Unavailable extends Answer {
  readonly outcome: 'unavailable';
  readonly reason: 'throttled' | 'quota' | 'server-error' | 'no-answer' | 'timeout';
  readonly retryAfterMs?: number;
  /** True when the write may have happened all the same. */
  readonly inDoubt: boolean;
}

interface Applied extends Answer {
  readonly outcome: 'applied';
}

/** The data's fault: the same call would fail again. */
export interface Refused extends Answer {
  readonly outcome: 'rejected' | 'customer-not-found';
}

/** What one call to DirectScale came to. */
export type CallResult = Applied | Failure;

/** A call that did not do what was asked. */
export type Failure = Refused | Misconfigured | Unavailable;

/** Whether the same call would fail again. */
export function isRefused(failure: Failure): failure is Refused {
  return failure.outcome === 'rejected' || failure.outcome === 'customer-not-found';
}

/**
 * Reads an answer by its status and headers, never by its text: the wording varies and can be missing.
 * The back end signs its answers with `X-DirectScale-RequestId`; a 404 without it comes from the gateway and says
 * nothing about the customer. https://developers.directscale.com/docs/status-and-error-codes and the defaults of
 * Azure API Management (https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies)
 */
export function outcomeOf(status: number, headers: Headers, now: Date): CallResult {
  const requestId = headers.get('x-directscale-requestid') ?? undefined;
  const answer: Answer = { status, ...(requestId && { requestId }) };
  const wait = retryAfterMs(headers.get('retry-after'), now);
  const unavailable = (reason: Unavailable['reason'], inDoubt: boolean): Unavailable => ({
    outcome: 'unavailable',
    reason,
    inDoubt,
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...answer,
  });

  if (status >= 200 && status < 300) return { outcome: 'applied', ...answer };
  if (status < 400) return { outcome: 'misconfigured', reason: 'not-the-api', ...answer };
  if (status === 401) return { outcome: 'misconfigured', reason: 'key-rejected', ...answer };
  if (status === 403 && wait === undefined)
    return { outcome: 'misconfigured', reason: 'forbidden', ...answer };
  if (status === 403) return unavailable('quota', false);
  if (status === 404 && !requestId) return { outcome: 'misconfigured', reason: 'not-the-api', ...answer };
  if (status === 404) return { outcome: 'customer-not-found', ...answer };
  if (status === 408) return unavailable('timeout', true);
  if (status === 425 || status === 429) return unavailable('throttled', false);
  if (status >= 500) return unavailable('server-error', true);
  return { outcome: 'rejected', ...answer };
}
