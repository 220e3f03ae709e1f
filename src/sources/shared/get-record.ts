import { readBounded } from '../../net/read-bounded.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { Fetched } from '../kind.ts';
import { parseJson } from './json-body.ts';

/** More than any vendor's record of one customer. */
const answerLimitBytes = 1_000_000;

interface RecordRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Deadline in ms, the reading of the answer included. */
  readonly timeoutMs: number;
  /** For APIs that are read by POST: sent as JSON. */
  readonly body?: unknown;
}

/** One call to a vendor's JSON API; `found` holds the whole answer. Follows no redirect. Never rejects. */
export async function getRecord({ url, headers, timeoutMs, body }: RecordRequest): Promise<Fetched> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await readBounded(response, answerLimitBytes);
    const { status } = response;
    if (status === 200) return { type: 'found', payload: parseJson(Buffer.from(text)) };
    if (status === 404 || status === 410 || status === 204) return { type: 'gone' };
    if (status === 408 || status === 425 || status === 429 || status >= 500) {
      const wait = retryAfterMs(response.headers.get('retry-after'), new Date());
      return { type: 'unavailable', status, ...(wait !== undefined && { retryAfterMs: wait }) };
    }
    return { type: 'refused-by-vendor', status };
  } catch {
    // No answer, not in time, or not JSON.
    return { type: 'unavailable' };
  }
}
