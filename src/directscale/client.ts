import { type CustomerId, customerIdSchema } from '../domain/customer-id.ts';
import type { CustomerPatch } from '../domain/customer-patch.ts';
import type { LookUp, LookUpName } from '../domain/customer-reference.ts';
import { jsonOrUndefined } from '../lib/json.ts';
import { withoutEmailAddresses } from '../lib/without-email-addresses.ts';
import { type Budget, type Lane, unlimited } from './budget.ts';
import { type Answer, type Call, callDirectScale, type SubscriptionKey } from './call.ts';
import { type CustomerRecord, readCustomerRecord, readCustomerRecords } from './customer-record.ts';
import { type CallResult, type Failure, isRefused } from './outcome.ts';
import { withoutValues } from './without-values.ts';

export type { SubscriptionKey } from './call.ts';
export { type CallResult, type Failure, isRefused, type Refused } from './outcome.ts';

/** DirectScale's documented addresses. https://developers.directscale.com/docs/public-api-overview */
export const directScaleAddresses = {
  live: 'https://dsapi.directscale.com',
  stage: 'https://dsapi-stage.directscale.com',
} as const;

/** What was read, or why it could not be. */
export type Reading<Value> = ({ readonly outcome: 'found' } & Value) | Failure;

/** The caller's right to make the call had run out. */
export interface NotBegun {
  readonly outcome: 'not-begun';
}

/** What the last call came to: for health, so no message and no customer. */
export interface LastAnswer {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly outcome: CallResult['outcome'];
  readonly reason?: string;
  readonly status?: number;
}

export interface DirectScale {
  /** The same client, for calls of a lane: those of a more urgent one come first. Without it a call counts as live. */
  inLane(lane: Lane): DirectScale;
  /**
   * UpdateCustomerByParameter. A refusal, or a 500 of the back end, has DirectScale's words, 500 characters at most, without the values of the patch
   * and without e-mail addresses.
   * `mayBegin` is asked right before each HTTP call; if it says no, none is made. Rejects only with what reading the
   * subscription key and waiting for its turn throw, and with a ZodError for an id that is none.
   */
  patchCustomer(
    id: CustomerId,
    patch: CustomerPatch,
    mayBegin?: () => boolean,
  ): Promise<CallResult | NotBegun>;
  /** The custom fields that the customer has now: FieldN that hold text. Rejects as `patchCustomer` does. */
  getCustomFields(id: CustomerId): Promise<Reading<{ readonly fields: Readonly<Record<string, string>> }>>;
  /** The customer as it is now. Rejects as `patchCustomer` does. */
  getCustomer(id: CustomerId): Promise<Reading<{ readonly customer: CustomerRecord }>>;
  /** Every customer that a look-up finds: none, one or several. Rejects with what reading the subscription key throws. */
  findCustomers(lookUp: LookUp): Promise<Reading<{ readonly customers: readonly CustomerRecord[] }>>;
  /** Undefined before the first call. */
  lastAnswer(): LastAnswer | undefined;
}

export interface DirectScaleOptions {
  /** With or without the `/v1`. */
  readonly baseUrl: URL;
  /** Deadline of one HTTP call in milliseconds, the reading of its answer included. */
  readonly timeoutMs: number;
  readonly key: SubscriptionKey;
  /** The query's name for each kind of look-up whose name is not known for certain. */
  readonly queryNames: Readonly<Record<Exclude<LookUpName, keyof typeof knownQueryNames>, string>>;
  /** Absent: calls are made at once. */
  readonly budget?: Budget;
}

/** Known from public code (block-ops/directscale-sdk-php); of the others only that they exist. */
const knownQueryNames = { backOfficeId: 'backofficeid', emailAddress: 'email' } as const;

/** The answer to a look-up: more customers than anybody would call one. */
const lookUpLimitBytes = 262_144;
/** Custom fields of one customer: 999 texts of 500 characters, three bytes each, are 1.5 MB. */
const customFieldsLimitBytes = 2_097_152;
const longestMessage = 500;

/** A client of DirectScale's public API. Connections are kept alive; nothing is repeated but a call that a fresh key may mend. */
export function createDirectScale(options: DirectScaleOptions): DirectScale {
  const { baseUrl, timeoutMs, key, queryNames, budget = unlimited } = options;
  const path = baseUrl.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  const base = `${baseUrl.origin}${path}/v1`;
  const customerUrl = (id: CustomerId) =>
    `${base}/customers/${encodeURIComponent(customerIdSchema.parse(id))}`;
  const names = { ...knownQueryNames, ...queryNames };
  let last: LastAnswer | undefined;

  async function call(about: Call, lane: Lane, mayBegin = () => true): Promise<Answer | undefined> {
    const permission = { turn: () => budget.turn(lane), mayBegin };
    const answer = await callDirectScale(about, key, timeoutMs, permission);
    if (answer) last = lastAnswerOf(answer.result);
    return answer;
  }
  const read = async <Value>(
    url: string,
    lane: Lane,
    readValue: (body: unknown) => Value | undefined,
    limitBytes?: number,
  ): Promise<Reading<Value>> => {
    const answer = await call({ method: 'GET', url, ...(limitBytes && { limitBytes }) }, lane);
    if (!answer) throw new Error('a read needs no permission to begin');
    return readingOf(answer, readValue);
  };

  const clientOf = (lane: Lane): DirectScale => ({
    inLane: clientOf,
    async patchCustomer(id, patch, mayBegin) {
      const body = JSON.stringify(patch);
      const answer = await call({ method: 'PATCH', url: customerUrl(id), body }, lane, mayBegin);
      if (!answer) return { outcome: 'not-begun' };
      const { result, words } = answer;
      if (result.outcome === 'applied' || !(isRefused(result) || isFaultOfBackEnd(result))) return result;
      const message = withoutEmailAddresses(withoutValues(words.trim(), patch)).slice(0, longestMessage);
      return message ? { ...result, message } : result;
    },
    async getCustomFields(id) {
      const fieldsOf = (body: unknown) => {
        const fields = customFieldsOf(body);
        return fields && { fields };
      };
      return read(`${customerUrl(id)}/customFields`, lane, fieldsOf, customFieldsLimitBytes);
    },
    async getCustomer(id) {
      return read(customerUrl(id), lane, (body) => {
        const customer = readCustomerRecord(body);
        return customer && { customer };
      });
    },
    async findCustomers({ by, value }) {
      const url = `${base}/customers/?${new URLSearchParams({ [names[by]]: value })}`;
      const customersOf = (body: unknown) => {
        const customers = readCustomerRecords(body);
        return customers && { customers };
      };
      const result = await read(url, lane, customersOf, lookUpLimitBytes);
      // Whether no match is an empty list or a 404 is not documented.
      return result.outcome === 'customer-not-found' ? { outcome: 'found', customers: [] } : result;
    },
    lastAnswer: () => last,
  });
  return clientOf('live');
}

/** DirectScale answers 500 to "a model that is incorrect" as well. A gateway's 500 is not about what was sent. */
function isFaultOfBackEnd({ status, requestId }: Failure): boolean {
  return status === 500 && requestId !== undefined;
}

function lastAnswerOf(result: CallResult): LastAnswer {
  const { outcome, status } = result;
  return {
    at: new Date().toISOString(),
    outcome,
    ...('reason' in result && { reason: result.reason }),
    ...(status !== undefined && { status }),
  };
}

/** What a GET read. An answer that cannot be read counts as a fault of the server. */
function readingOf<Value>(
  { result, text }: Answer,
  readValue: (body: unknown) => Value | undefined,
): Reading<Value> {
  // A read changes nothing, whatever became of it.
  if (result.outcome === 'unavailable') return { ...result, inDoubt: false };
  if (result.outcome !== 'applied') return result;
  const value = readValue(jsonOrUndefined(text));
  if (value) return { ...value, outcome: 'found' };
  return { ...result, outcome: 'unavailable', reason: 'server-error', inDoubt: false };
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
