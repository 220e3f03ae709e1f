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

/** When a call may be made. */
export interface Permission {
  /** Resolves when it is the call's turn; what it resolves to is called when the call has ended. */
  turn(): Promise<() => void>;
  /** Asked right before each call, after its turn has come. */
  mayBegin(): boolean;
}

/**
 * One call, once more if a fresh key may mend it. `timeoutMs` is the deadline of each, the reading of its answer
 * included. Undefined: it might not begin. Rejects only with what reading the subscription key or waiting for the turn throws.
 */
export async function callDirectScale(
  call: Call,
  key: SubscriptionKey,
  timeoutMs: number,
  { turn, mayBegin }: Permission,
): Promise<Answer | undefined> {
  const callWith = async (subscriptionKey: string) => {
    const end = await turn();
    try {
      return mayBegin() ? await callOnce(call, subscriptionKey, timeoutMs) : undefined;
    } finally {
      end();
    }
  };
  const current = await key.current();
  const first = await callWith(current);
  if (first?.result.outcome !== 'misconfigured' || first.result.reason === 'not-the-api') return first;
  const fresh = await key.afterRejection(current);
  return fresh === current ? first : ((await callWith(fresh)) ?? first);
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
  const words = headerText(headers.get('x-directscale-message') ?? '') || text;
  return { result: outcomeOf(status, headers, new Date()), text, words };
}

/** Headers are read as Latin-1, byte by byte; DirectScale may send UTF-8. */
function headerText(latin1: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return latin1;
  }
}

const withoutText = (result: CallResult): Answer => ({ result, text: '', words: '' });
