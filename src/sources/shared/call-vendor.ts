import { readBounded } from '../../net/read-bounded.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { VendorFailure } from '../fetch-context.ts';
import { jsonIn } from './json-body.ts';

/** A page of customers with all that belongs to them; more than any vendor's page of the sizes that kinds ask for. */
const pageLimitBytes = 16_000_000;

/** One call to a vendor's JSON API. */
export interface VendorCall {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Deadline in ms, the reading of the answer included. */
  readonly timeoutMs: number;
  /** Sent as JSON, or as a form where it is one. */
  readonly body?: unknown;
  /** Absent: GET, or POST with a body. */
  readonly method?: 'PUT' | 'PATCH' | 'DELETE';
  /** What is longer is cut off, and no JSON. Absent: that of a page of customers. */
  readonly limitBytes?: number;
}

/** What the vendor answered. It may hold personal data or secrets: it goes into no log. */
export interface VendorAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined: not JSON. */
  readonly payload: unknown;
}

/** Calls a vendor's API; undefined: no answer, or not in time. Follows no redirect. Never rejects. */
export async function callVendor(call: VendorCall): Promise<VendorAnswer | undefined> {
  const { url, headers, timeoutMs, body, method, limitBytes = pageLimitBytes } = call;
  const isForm = body instanceof URLSearchParams;
  try {
    const response = await fetch(url, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && !isForm && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await readBounded(response, limitBytes);
    return { status: response.status, headers: response.headers, payload: jsonIn(Buffer.from(text)) };
  } catch {
    return undefined;
  }
}

/**
 * What an answer comes to that is not what was asked for: again later, with the `Retry-After` of the vendor, or refused. An
 * answer of success that cannot be read is not from the vendor, or was cut off: again later.
 */
export function failureOf(answer: VendorAnswer | undefined): VendorFailure {
  if (!answer || (answer.status >= 200 && answer.status < 300)) return { type: 'unavailable' };
  const { status, headers } = answer;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const wait = retryAfterMs(headers.get('retry-after'), new Date());
    return { type: 'unavailable', status, ...(wait !== undefined && { retryAfterMs: wait }) };
  }
  return { type: 'refused-by-vendor', status };
}
