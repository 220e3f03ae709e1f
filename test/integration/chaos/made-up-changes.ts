import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { localSecret } from '../../../local/sender.ts';

/** A request as its source sends it, and repeats it. */
export interface SignedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One made-up change: its number says which one is newer, and is in every value that it writes. */
export interface MadeUpChange extends SignedRequest {
  readonly number: number;
  readonly customerId: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Fields that all three sources can write, as Shopify calls them. */
const shopifyNames = { FirstName: 'first_name', LastName: 'last_name' } as const;
const otherFields = ['PrimaryPhone', 'SecondaryPhone', 'TextPhone', 'CompanyName'] as const;

/** `count` changes, oldest first, a hundredth of a second apart, from an hour ago; `first` is the first one's number. */
export function madeUpChanges(count: number, customerIds: readonly string[], first = 0): MadeUpChange[] {
  const begin = Date.now() - 3_600_000;
  return Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const customerId = pickOne(customerIds);
    const occurredAt = new Date(begin + number * 10).toISOString();
    const source = pickOne(['shop', 'crm', 'billing'] as const);
    const names = source === 'shop' ? keysOf(shopifyNames) : [...keysOf(shopifyNames), ...otherFields];
    const chosen = names.filter(() => Math.random() < 0.4);
    const fields = Object.fromEntries(
      (chosen.length > 0 ? chosen : [pickOne(names)]).map((name) => [name, `v${number}`]),
    );
    const request =
      source === 'shop'
        ? shopifyRequest(source, number, {
            ...shopifyCustomer(customerId, occurredAt),
            ...shopifyNamed(fields),
          })
        : canonicalRequest(source, number, { customer: { customerId }, occurredAt, fields });
    return { number, customerId, fields, ...request };
  });
}

/** What Shopify tells of a customer beside its name. */
export function shopifyCustomer(customerId: string, occurredAt: string): object {
  return { id: 1, updated_at: occurredAt, tags: `directscale:${customerId}` };
}

function shopifyNamed(fields: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    keysOf(shopifyNames).flatMap((name) => (fields[name] ? [[shopifyNames[name], fields[name]]] : [])),
  );
}

/** A customer as Shopify sends it; `number` names the event. */
export function shopifyRequest(source: string, number: number, customer: object): SignedRequest {
  const body = JSON.stringify(customer);
  const signature = createHmac('sha256', localSecret(`${source}-webhook-secret`))
    .update(body)
    .digest('base64');
  const headers = {
    'X-Shopify-Topic': 'customers/update',
    'X-Shopify-Event-Id': `event-${number}`,
    'X-Shopify-Hmac-Sha256': signature,
  };
  return { path: `/api/webhooks/${source}`, headers, body };
}

/** A change in the relay's own form, or an array of them; `number` names the delivery. */
export function canonicalRequest(source: string, number: number, payload: object): SignedRequest {
  const body = JSON.stringify(payload);
  const id = `msg_${number}`;
  const now = new Date();
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(localSecret(`${source}-webhook-secret`)).sign(id, now, body),
  };
  return { path: `/api/webhooks/${source}`, headers, body };
}

function keysOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[]; // the record has no other keys
}

function pickOne<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
