import { exchange } from '../net/exchange.ts';
import { describeSpan, measure, span } from '../telemetry/telemetry.ts';
import { type CallResult, outcomeOf } from './outcome.ts';

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

async function callOnce(call: Call, givenKey: string, timeoutMs: number): Promise<Answer> {
  const subscriptionKey = givenKey.trim();
  // A pasted key can hold what no header can carry.
  if (!/^[!-~]+$/.test(subscriptionKey)) {
    return withoutText({ outcome: 'misconfigured', reason: 'key-rejected' });
  }
  const { method, url } = call;
  const { host } = new URL(url);
  const attributes = { 'http.request.method': method, 'server.address': host };
  return span(`${method} ${host}`, { kind: 'client', attributes }, async () => {
    const begun = performance.now();
    const answer = await answerTo(call, subscriptionKey, timeoutMs);
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

async function answerTo(
  { method, url, body, limitBytes = answerLimitBytes }: Call,
  subscriptionKey: string,
  timeoutMs: number,
): Promise<Answer> {
  const exchanged = await exchange(new URL(url), {
    method,
    headers: {
      Accept: 'application/json',
      'Ocp-Apim-Subscription-Key': subscriptionKey,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    body,
    timeoutMs,
    limitBytes,
  });
  if (exchanged.type === 'none') {
    const { reason, mayHaveArrived } = exchanged;
    return withoutText({ outcome: 'unavailable', reason, inDoubt: mayHaveArrived });
  }
  const { status, headers, text } = exchanged;
  const words = headers.get('x-directscale-message') || text;
  return { result: outcomeOf(status, headers, new Date()), text, words };
}

const withoutText = (result: CallResult): Answer => ({ result, text: '', words: '' });
