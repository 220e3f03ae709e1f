import { type CustomerId, customerIdSchema } from '../domain/customer-id.ts';
import type { CustomerPatch } from '../domain/customer-patch.ts';
import { readBounded } from '../net/read-bounded.ts';
import { type CallResult, outcomeOf, type Unavailable } from './outcome.ts';

export type { CallResult } from './outcome.ts';

/** DirectScale's documented addresses. https://developers.directscale.com/docs/public-api-overview */
export const directScaleAddresses = {
  live: 'https://dsapi.directscale.com',
  stage: 'https://dsapi-stage.directscale.com',
} as const;

/** Where the client takes its subscription key from. */
export interface SubscriptionKey {
  current(): Promise<string>;
  /** A freshly read key after `rejected` was refused; may be the same. */
  afterRejection(rejected: string): Promise<string>;
}

/** The custom fields of a customer, or why they could not be read. */
export type CustomFieldsResult =
  | { readonly outcome: 'found'; readonly fields: Readonly<Record<string, string>> }
  | Exclude<CallResult, { outcome: 'applied' }>;

export interface DirectScale {
  /**
   * UpdateCustomerByParameter. Rejects only with what reading the subscription key throws, and with a ZodError for
   * an id that is none.
   */
  patchCustomer(id: CustomerId, patch: CustomerPatch): Promise<CallResult>;
  /** The custom fields that the customer has now: FieldN that hold text. Rejects as `patchCustomer` does. */
  getCustomFields(id: CustomerId): Promise<CustomFieldsResult>;
}

export interface DirectScaleOptions {
  /** With or without the `/v1`. */
  readonly baseUrl: URL;
  /** Deadline of one HTTP call in milliseconds, the reading of its answer included. */
  readonly timeoutMs: number;
  readonly key: SubscriptionKey;
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

interface Response {
  readonly result: CallResult;
  readonly text: string;
}

/** A client of DirectScale's public API. Connections are kept alive; nothing is repeated but a call that a fresh key may mend. */
export function createDirectScale({ baseUrl, timeoutMs, key }: DirectScaleOptions): DirectScale {
  const path = baseUrl.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  const base = `${baseUrl.origin}${path}/v1`;
  const customerUrl = (id: CustomerId) =>
    `${base}/customers/${encodeURIComponent(customerIdSchema.parse(id))}`;

  async function call(method: string, url: string, body?: string): Promise<Response> {
    const current = await key.current();
    const first = await callOnce(method, url, current, timeoutMs, body);
    if (first.result.outcome !== 'misconfigured' || first.result.reason === 'not-the-api') return first;
    const fresh = await key.afterRejection(current);
    return fresh === current ? first : callOnce(method, url, fresh, timeoutMs, body);
  }

  return {
    async patchCustomer(id, patch) {
      return (await call('PATCH', customerUrl(id), JSON.stringify(patch))).result;
    },
    async getCustomFields(id) {
      const { result, text } = await call('GET', `${customerUrl(id)}/customFields`);
      // A read changes nothing, whatever became of it.
      if (result.outcome === 'unavailable') return { ...result, inDoubt: false };
      if (result.outcome !== 'applied') return result;
      const fields = customFieldsOf(text);
      if (fields) return { outcome: 'found', fields };
      return { ...result, outcome: 'unavailable', reason: 'server-error', inDoubt: false };
    },
  };
}

async function callOnce(
  method: string,
  url: string,
  subscriptionKey: string,
  timeoutMs: number,
  body?: string,
): Promise<Response> {
  // A pasted key can hold what no header can carry; fetch would fail as if nobody had answered.
  if (!/^[!-~]+$/.test(subscriptionKey.trim())) {
    return { result: { outcome: 'misconfigured', reason: 'key-rejected' }, text: '' };
  }
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
    const text = await readBounded(response, answerLimitBytes);
    return { result: outcomeOf(response.status, response.headers, text, new Date()), text };
  } catch (error) {
    return { result: withoutAnswer(error), text: '' };
  }
}

function withoutAnswer(error: unknown): Unavailable {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { outcome: 'unavailable', reason: 'timeout', inDoubt: true };
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return { outcome: 'unavailable', reason: 'no-answer', inDoubt: !noConnection.has(code) };
}

function customFieldsOf(text: string): Record<string, string> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
    return Object.fromEntries(
      Object.entries(body).filter(
        (entry): entry is [string, string] =>
          /^Field[1-9]\d{0,2}$/.test(entry[0]) && typeof entry[1] === 'string',
      ),
    );
  } catch {
    return undefined;
  }
}
