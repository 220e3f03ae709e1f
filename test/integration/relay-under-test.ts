import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Webhook } from 'standardwebhooks';
import { followDelivery, localSecret } from '../../local/sender.ts';
import { type Stack, type Surroundings, startStack } from '../../local/stack.ts';
import { functionKey } from './operator.ts';

export { functionKey };
export const relayConfig = 'test/integration/relay.json';

/** A whole stack of its own, with the sources of test/integration/relay.json. */
export function startRelay(env: Record<string, string> = {}): Promise<Stack> {
  return startStack({ relayConfig, host: { functionKey, env } });
}

/** Settings with which a change that failed is repeated within seconds. */
export const quickRetries = {
  RETRY_SCHEDULE: '200 ms, 300 ms, 500 ms',
  DIRECTSCALE_SETTLE_MS: '200',
};

let lastCustomer = 30_000;

/** A customer whom no other test knows: the relay remembers what it wrote to the others. */
export function newCustomer({ sandbox }: Pick<Surroundings, 'sandbox'>): string {
  const model = sandbox.customers.get('10542');
  if (!model) throw new Error('the sandbox has no customer 10542');
  const id = ++lastCustomer;
  sandbox.customers.set(String(id), {
    ...structuredClone(model),
    CustomerId: id,
    BackOfficeId: `B${id}`,
    ExternalReferenceId: `ext-${id}`,
    EmailAddress: `mary.larsen.${id}@example.com`,
    Username: `mary.larsen.${id}`,
    WebAlias: `marylarsen${id}`,
  });
  return String(id);
}

export interface Post {
  readonly secret?: string;
  readonly headers?: Record<string, string>;
}

/** Shopify's sample as if it had been sent for this customer just now, with `changes` in place of its members. */
export async function shopifySample(
  customerId: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const sample = JSON.parse(await readFile('test/fixtures/shopify/customers-update.json', 'utf8'));
  sample.metafields[0].value = customerId;
  return JSON.stringify({ ...sample, updated_at: new Date().toISOString(), ...changes });
}

/** The headers with which Shopify sends exactly these bytes, for an event of its own. */
export function shopifyHeaders(
  body: string | Uint8Array,
  secret = localSecret('shopify-webhook-secret'),
): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'X-Shopify-Topic': 'customers/update',
    'X-Shopify-Webhook-Id': randomUUID(),
    'X-Shopify-Hmac-Sha256': createHmac('sha256', secret).update(body).digest('base64'),
  };
}

/** Posts bytes as Shopify does, signed over exactly these bytes. */
export function postShopify(
  stack: Pick<Stack, 'host'>,
  body: string | Uint8Array<ArrayBuffer>,
  { secret, headers = {} }: Post = {},
): Promise<Response> {
  return fetch(`${stack.host.url}/api/webhooks/shopify`, {
    method: 'POST',
    body,
    headers: { ...shopifyHeaders(body, secret), ...headers },
  });
}

/** Posts the relay's own JSON, signed by the reference library of Standard Webhooks. */
export function postCanonical(
  stack: Pick<Stack, 'host'>,
  payload: unknown,
  {
    secret = localSecret('in-house-webhook-secret'),
    source = 'in-house',
    id = `msg_${randomUUID()}`,
    headers = {},
  }: Post & { readonly source?: string; readonly id?: string } = {},
): Promise<Response> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const now = new Date();
  return fetch(`${stack.host.url}/api/webhooks/${source}`, {
    method: 'POST',
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
      ...headers,
    },
  });
}

/** Calls the direct route as a Logic App does. `query` begins with `?`; `headers` may replace the function key. */
export function patchCustomer(
  stack: Pick<Stack, 'host'>,
  customerId: string,
  body: unknown,
  { query = '', headers = { 'x-functions-key': functionKey } as Record<string, string> } = {},
): Promise<Response> {
  return fetch(`${stack.host.url}/api/customers/${customerId}${query}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** What the API tells of one change, as far as tests look at it. */
export interface ChangeReport {
  readonly status: string;
  readonly reason?: string;
  readonly customerId?: string;
  readonly fields: readonly string[];
  readonly dropped: readonly string[];
  readonly attempts: readonly Readonly<Record<string, unknown>>[];
  readonly violations: readonly { readonly path: string }[];
  readonly leftOut?: readonly { readonly path: string; readonly reason: string }[];
}

export interface DeliveryReport {
  readonly deliveryId: string;
  readonly status: string;
  readonly source: string;
  readonly changes: readonly ChangeReport[];
}

/** {@link reportOf} a delivery that was answered 202. Throws for any other answer. */
export async function outcomeOf(stack: Pick<Stack, 'host'>, response: Response): Promise<DeliveryReport> {
  if (response.status !== 202) throw new Error(`not a 202: ${response.status} ${await response.text()}`);
  return reportOf(stack, response);
}

/**
 * What became of a delivery that was taken, whatever the vendor's form of success: follows the Location, with the
 * function key, until nothing of it is pending. Throws for a delivery that cannot be found.
 */
export async function reportOf(stack: Pick<Stack, 'host'>, response: Response): Promise<DeliveryReport> {
  const location = response.headers.get('location');
  if (!location?.startsWith(`${stack.host.url}/`)) {
    throw new Error(`not taken by this relay: ${response.status}, Location ${location}`);
  }
  const last = await followDelivery(response, functionKey);
  if (last.status !== 200)
    throw new Error(`the delivery cannot be read: ${last.status} ${await last.text()}`);
  return (await last.json()) as DeliveryReport;
}

/** The delivery as it stands now. */
export function getDelivery(stack: Pick<Stack, 'host'>, deliveryId: string): Promise<Response> {
  return fetch(`${stack.host.url}/api/deliveries/${deliveryId}`, {
    headers: { 'x-functions-key': functionKey },
  });
}

/** The bodies of the PATCH calls that reached the sandbox's back end for a customer, in order of effect. */
export function patchesOf({ sandbox }: Pick<Surroundings, 'sandbox'>, customerId: string): unknown[] {
  return sandbox.history
    .filter((call) => call.method === 'PATCH' && call.customerId === customerId && call.applied)
    .map((call) => call.patch);
}
