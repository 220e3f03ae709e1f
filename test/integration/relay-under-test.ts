import { createHmac, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { localSecret } from '../../local/sender.ts';
import { type Stack, startStack } from '../../local/stack.ts';

export const functionKey = 'a-function-key-for-tests';

/** A whole stack of its own, with the sources of test/integration/relay.json. */
export function startRelay(env: Record<string, string> = {}): Promise<Stack> {
  return startStack({ relayConfig: 'test/integration/relay.json', host: { functionKey, env } });
}

export interface Post {
  readonly secret?: string;
  readonly headers?: Record<string, string>;
}

/** Posts bytes as Shopify does, signed over exactly these bytes. */
export function postShopify(
  stack: Stack,
  body: string | Uint8Array<ArrayBuffer>,
  { secret = localSecret('shopify-webhook-secret'), headers = {} }: Post = {},
): Promise<Response> {
  return fetch(`${stack.host.url}/api/webhooks/shopify`, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      'X-Shopify-Topic': 'customers/update',
      'X-Shopify-Webhook-Id': randomUUID(),
      'X-Shopify-Hmac-Sha256': createHmac('sha256', secret).update(body).digest('base64'),
      ...headers,
    },
  });
}

/** Posts the relay's own JSON, signed by the reference library of Standard Webhooks. */
export function postCanonical(
  stack: Stack,
  payload: unknown,
  { secret = localSecret('in-house-webhook-secret'), source = 'in-house' } = {},
): Promise<Response> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  return fetch(`${stack.host.url}/api/webhooks/${source}`, {
    method: 'POST',
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
  });
}

/** Calls the direct route as a Logic App does. */
export function patchCustomer(stack: Stack, customerId: string, body: unknown): Promise<Response> {
  return fetch(`${stack.host.url}/api/customers/${customerId}`, {
    method: 'PATCH',
    headers: { 'x-functions-key': functionKey, 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The bodies of the PATCH calls that reached the sandbox's back end for a customer, in order of effect. */
export function patchesOf(stack: Stack, customerId: string): unknown[] {
  return stack.sandbox.history
    .filter((call) => call.method === 'PATCH' && call.customerId === customerId && call.applied)
    .map((call) => call.patch);
}
