import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { localSecret } from '../../local/sender.ts';
import type { Stack } from '../../local/stack.ts';

type Running = Pick<Stack, 'host' | 'sandbox'>;
type Values = Readonly<Record<string, unknown>>;

/** The deliveries of a made-up day, by what becomes of them. */
export interface MadeUpDay {
  readonly applied: string;
  readonly leftOut: string;
  readonly notFound: readonly string[];
  readonly rejected: readonly string[];
  readonly unmappable: string;
  readonly forAPerson: string;
}

/**
 * Sends what a day brings to a relay with the sources of relay.json in this folder, signed as the senders do it. Gives the
 * ids of the deliveries once all are taken; what becomes of them shows later.
 */
export async function sendMadeUpDay(stack: Running): Promise<MadeUpDay> {
  const { sandbox } = stack;
  sandbox.fault({
    match: { method: 'PATCH', field: 'CompanyName', value: 'Refused Ltd' },
    status: 400,
    headers: {
      'X-DirectScale-RequestId': randomUUID(),
      'X-DirectScale-Message': 'CompanyName must not hold a legal form',
    },
  });
  const shop = (customerId: string, changes: Values = {}) =>
    sendShopify(stack, 'shopify', customerId, changes);
  const inHouse = (customerId: string, fields: Values) => sendInHouse(stack, customerId, fields);

  await inHouse('10543', { FirstName: 'Ada', LastName: 'Okafor-Reyes' });
  await inHouse('10543', { PrimaryAddress: { City: 'Ottawa', PostalCode: 'K1P 1J1' } });
  await inHouse('10544', { TextPhone: '+4915112345678', LanguageCode: 'de' });
  const applied = await shop('10542', { email: 'maria.jensen@example.com' });
  await shop('10543', { first_name: 'Ada', last_name: 'Okafor-Reyes', email: 'ada@example.com' });
  const leftOut = await shop('10544', { phone: 'call me after six', first_name: 'Jürgen' });
  const notFound = [await shop('99001'), await shop('99002'), await shop('99003')];
  const rejected = [
    await inHouse('10545', { CompanyName: 'Refused Ltd' }),
    await inHouse('10546', { CompanyName: 'Refused Ltd' }),
  ];
  const unmappable = await sendShopify(stack, 'partner', '10545', {
    customer_id: '10545',
    first_name: 'Yuki',
    last_name: 'Tanaka-Bauer',
  });
  const forAPerson = await sendShopify(stack, 'shopify', '10542', {}, 'customers/redact');
  await sendShopify(stack, 'shopify', '10542', {}, 'orders/create');
  await refused(stack);
  return { applied, leftOut, notFound, rejected, unmappable, forAPerson };
}

/** A change of a customer as Shopify sends it; the id of its delivery. */
export async function sendShopify(
  stack: Pick<Stack, 'host'>,
  source: 'shopify' | 'partner',
  customerId: string,
  changes: Values,
  topic = 'customers/update',
): Promise<string> {
  const body = JSON.stringify({
    id: Number(`7${customerId}`),
    email: `customer.${customerId}@example.com`,
    first_name: 'Robin',
    last_name: `Sample ${customerId}`,
    updated_at: new Date().toISOString(),
    metafields: [{ namespace: 'directscale', key: 'customer_id', value: customerId }],
    ...changes,
  });
  return post(stack, source, body, {
    'X-Shopify-Topic': topic,
    'X-Shopify-Webhook-Id': randomUUID(),
    'X-Shopify-Hmac-Sha256': hmac(body, localSecret(`${source}-webhook-secret`)),
  });
}

/** A change in the relay's own JSON, by Standard Webhooks; the id of its delivery. */
export async function sendInHouse(
  stack: Pick<Stack, 'host'>,
  customerId: string,
  fields: Values,
): Promise<string> {
  const body = JSON.stringify({ customer: { customerId }, occurredAt: new Date().toISOString(), fields });
  const id = `msg_${randomUUID()}`;
  const at = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(localSecret('in-house-webhook-secret').slice('whsec_'.length), 'base64');
  return post(stack, 'in-house', body, {
    'webhook-id': id,
    'webhook-timestamp': at,
    'webhook-signature': `v1,${hmac(`${id}.${at}.${body}`, key)}`,
  });
}

const hmac = (text: string, key: string | Buffer): string =>
  createHmac('sha256', key).update(text).digest('base64');

async function post(
  { host }: Pick<Stack, 'host'>,
  source: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const send = () =>
    fetch(`${host.url}/api/webhooks/${source}`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', ...headers },
    });
  let answer = await send();
  // As every sender does: a vault on a busy machine may answer too late.
  for (let again = 0; answer.status === 503 && again < 20; again++) {
    await answer.body?.cancel();
    await delay(500);
    answer = await send();
  }
  if (!answer.ok) throw new Error(`${source} was answered ${answer.status}: ${await answer.text()}`);
  return deliveryIdOf(answer);
}

/** The last part of the address under which a delivery is found. */
function deliveryIdOf(answer: Response): string {
  return new URL(answer.headers.get('location') ?? '').pathname.split('/').at(-1) ?? '';
}

/** Somebody who does not know the secret. */
async function refused({ host }: Pick<Stack, 'host'>): Promise<void> {
  const answer = await fetch(`${host.url}/api/webhooks/woocommerce`, {
    method: 'POST',
    body: '{"id":1}',
    headers: { 'Content-Type': 'application/json', 'X-WC-Webhook-Signature': hmac('{}', 'guessed') },
  });
  await answer.body?.cancel();
}
