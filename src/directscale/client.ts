import { type CustomerId, customerIdSchema } from '../domain/customer-id.ts';
import type { CustomerPatch } from '../domain/customer-patch.ts';
import type { LookUp, LookUpName } from '../domain/customer-reference.ts';
import { jsonOrUndefined } from '../lib/json.ts';
import { readBounded } from '../net/read-bounded.ts';
import { describeSpan, measure, span } from '../telemetry/telemetry.ts';
import { type CustomerRecord, readCustomerRecord, readCustomerRecords } from './customer-record.ts';
import { type CallResult, type Failure, outcomeOf, type Unavailable } from './outcome.ts';

export { type CallResult, type Failure, isRefused, type Refused } from './outcome.ts';

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

/** What was read, or why it could not be. */
export type Reading<Value> = ({ readonly outcome: 'found' } & Value) | Failure;

export interface DirectScale {
  /**
   * UpdateCustomerByParameter. Rejects only with what reading the subscription key throws, and with a ZodError for
   * an id that is none.
   */
  patchCustomer(id: CustomerId, patch: CustomerPatch): Promise<CallResult>;
  /** The custom fields that the customer has now: FieldN that hold text. Rejects as `patchCustomer` does. */
  getCustomFields(id: CustomerId): Promise<Reading<{ readonly fields: Readonly<Record<string, string>> }>>;
  /** The customer as she is now. Rejects as `patchCustomer` does. */
  getCustomer(id: CustomerId): Promise<Reading<{ readonly customer: CustomerRecord }>>;
  /** Every customer that a look-up finds: none, one or several. Rejects with what reading the subscription key throws. */
  findCustomers(lookUp: LookUp): Promise<Reading<{ readonly customers: readonly CustomerRecord[] }>>;
}

export interface DirectScaleOptions {
  /** With or without the `/v1`. */
  readonly baseUrl: URL;
  /** Deadline of one HTTP call in milliseconds, the reading of its answer included. */
  readonly timeoutMs: number;
  readonly key: SubscriptionKey;
  /** The query's name for each kind of look-up. */
  readonly queryNames: Readonly<Record<LookUpName, string>>;
}

/** At most this much of an answer is read. */
const answerLimitBytes = 16_384;
/** The answer to a look-up: more customers than anybody would call one. */
const lookUpLimitBytes = 262_144;

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
export function createDirectScale({ baseUrl, timeoutMs, key, queryNames }: DirectScaleOptions): DirectScale {
  const path = baseUrl.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  const base = `${baseUrl.origin}${path}/v1`;
  const customerUrl = (id: CustomerId) =>
    `${base}/customers/${encodeURIComponent(customerIdSchema.parse(id))}`;

  async function call(method: string, url: string, options: CallOptions = {}): Promise<Response> {
    const current = await key.current();
    const first = await callOnce(method, url, current, timeoutMs, options);
    if (first.result.outcome !== 'misconfigured' || first.result.reason === 'not-the-api') return first;
    const fresh = await key.afterRejection(current);
    return fresh === current ? first : callOnce(method, url, fresh, timeoutMs, options);
  }

  /** One GET. An answer that cannot be read counts as a fault of the server. */
  async function read<Value>(
    url: string,
    readBody: (body: unknown) => Value | undefined,
    limitBytes = answerLimitBytes,
  ): Promise<Reading<Value>> {
    const { result, text } = await call('GET', url, { limitBytes });
    // A read changes nothing, whatever became of it.
    if (result.outcome === 'unavailable') return { ...result, inDoubt: false };
    if (result.outcome !== 'applied') return result;
    const value = readBody(jsonOrUndefined(text));
    if (value) return { ...value, outcome: 'found' };
    return { ...result, outcome: 'unavailable', reason: 'server-error', inDoubt: false };
  }

  return {
    async patchCustomer(id, patch) {
      return (await call('PATCH', customerUrl(id), { body: JSON.stringify(patch) })).result;
    },
    async getCustomFields(id) {
      return read(`${customerUrl(id)}/customFields`, (body) => {
        const fields = customFieldsOf(body);
        return fields && { fields };
      });
    },
    async getCustomer(id) {
      return read(customerUrl(id), (body) => {
        const customer = readCustomerRecord(body);
        return customer && { customer };
      });
    },
    async findCustomers({ by, value }) {
      const query = new URLSearchParams({ [queryNames[by]]: value });
      const result = await read(
        `${base}/customers/?${query}`,
        (body) => {
          const customers = readCustomerRecords(body);
          return customers && { customers };
        },
        lookUpLimitBytes,
      );
      // Whether no match is an empty list or a 404 is not documented.
      return result.outcome === 'customer-not-found' ? { outcome: 'found', customers: [] } : result;
    },
  };
}

interface CallOptions {
  readonly body?: string;
  readonly limitBytes?: number;
}

async function callOnce(
  method: string,
  url: string,
  subscriptionKey: string,
  timeoutMs: number,
  options: CallOptions,
): Promise<Response> {
  // A pasted key can hold what no header can carry; fetch would fail as if nobody had answered.
  if (!/^[!-~]+$/.test(subscriptionKey.trim())) {
    return { result: { outcome: 'misconfigured', reason: 'key-rejected' }, text: '' };
  }
  const { host } = new URL(url);
  const attributes = { 'http.request.method': method, 'server.address': host };
  return span(`${method} ${host}`, { kind: 'client', attributes }, async () => {
    const begun = performance.now();
    const response = await exchange(method, url, subscriptionKey, timeoutMs, options);
    const { outcome, status, requestId } = response.result;
    measure('relay.upstream.duration', performance.now() - begun, { method, status: status ?? outcome });
    describeSpan({
      'http.response.status_code': status,
      'relay.directscale.request_id': requestId,
      'relay.outcome': outcome,
    });
    return response;
  });
}

async function exchange(
  method: string,
  url: string,
  subscriptionKey: string,
  timeoutMs: number,
  { body, limitBytes = answerLimitBytes }: CallOptions,
): Promise<Response> {
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

function customFieldsOf(body: unknown): Record<string, string> | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  return Object.fromEntries(
    Object.entries(body).filter(
      (entry): entry is [string, string] =>
        /^Field[1-9]\d{0,2}$/.test(entry[0]) && typeof entry[1] === 'string',
    ),
  );
}
