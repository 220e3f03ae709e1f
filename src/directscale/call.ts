import { readBounded } from '../net/read-bounded.ts';
import { describeSpan, measure, span } from '../telemetry/telemetry.ts';
import { type CallResult, outcomeOf, type Unavailable } from './outcome.ts';

/** Where the client takes its subscription key from. */
export interface SubscriptionKey {
  current(): Promise<string>;
  /** A freshly read key after `rejected` was refused; may be the same. */
  afterRejection(rejected: string): Promise<string>;
}

export interface Call {
  readonly method: 'GET' | 'PATCH';
  readonly url: string;
  readonly body?: string;
  /** At most so much of the answer is read. */
  readonly limitBytes?: number;
}

export interface Answer {
  readonly result: CallResult;
  readonly text: string;
  /** What DirectScale says of the call: `X-DirectScale-Message`, else the text. May repeat personal data. */
  readonly words: string;
}

/** At most this much of an answer is read. */
const answerLimitBytes = 16_384;

/** Codes of failures before there was a connection: nothing was sent. */
const noConnection = new Set<unknown>([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * One call, once more if a fresh key may mend it. `timeoutMs` is the deadline of each, the reading of its answer
 * included. `mayBegin` is asked right before each; undefined: it allowed none. Rejects only with what reading the
 * subscription key throws.
 */
export async function callDirectScale(
  call: Call,
  key: SubscriptionKey,
  timeoutMs: number,
  mayBegin: () => boolean,
): Promise<Answer | undefined> {
  const current = await key.current();
  if (!mayBegin()) return undefined;
  const first = await callOnce(call, current, timeoutMs);
  if (first.result.outcome !== 'misconfigured' || first.result.reason === 'not-the-api') return first;
  const fresh = await key.afterRejection(current);
  return fresh === current || !mayBegin() ? first : callOnce(call, fresh, timeoutMs);
}

async function callOnce(call: Call, subscriptionKey: string, timeoutMs: number): Promise<Answer> {
  // A pasted key can hold what no header can carry; fetch would fail as if nobody had answered.
  if (!/^[!-~]+$/.test(subscriptionKey.trim())) {
    return withoutText({ outcome: 'misconfigured', reason: 'key-rejected' });
  }
  const { method, url } = call;
  const { host } = new URL(url);
  const attributes = { 'http.request.method': method, 'server.address': host };
  return span(`${method} ${host}`, { kind: 'client', attributes }, async () => {
    const begun = performance.now();
    const answer = await exchange(call, subscriptionKey, timeoutMs);
    const { outcome, status, requestId } = answer.result;
    measure('relay.upstream.duration', performance.now() - begun, { method, status: status ?? outcome });
    describeSpan({
      'http.response.status_code': status,
      'relay.directscale.request_id': requestId,
      'relay.outcome': outcome,
    });
    return answer;
  });
}

async function exchange(
  { method, url, body, limitBytes = answerLimitBytes }: Call,
  subscriptionKey: string,
  timeoutMs: number,
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        Accept: 'application/json',
        'Ocp-Apim-Subscription-Key': subscriptionKey,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    });
    const text = await readBounded(response, limitBytes);
    const words = response.headers.get('x-directscale-message') || text;
    return { result: outcomeOf(response.status, response.headers, new Date()), text, words };
  } catch (error) {
    return withoutText(withoutAnswer(error));
  }
}

const withoutText = (result: CallResult): Answer => ({ result, text: '', words: '' });

function withoutAnswer(error: unknown): Unavailable {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { outcome: 'unavailable', reason: 'timeout', inDoubt: true };
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return { outcome: 'unavailable', reason: 'no-answer', inDoubt: !noConnection.has(code) };
}
