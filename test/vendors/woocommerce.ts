import sample from '../fixtures/woocommerce/customer-updated.json' with { type: 'json' };
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A customer as the REST API gives one. */
export type WooCustomer = Readonly<Record<string, unknown>> & { readonly id: number };

export interface WooWebhook {
  readonly id: number;
  readonly status: string;
  readonly topic: string;
  readonly delivery_url: string;
  readonly name?: string;
  /** Never given out. */
  readonly secret?: string;
}

/** Maria, as she is in the fixture of the webhook, or with changes. */
export const wooCustomer = (id: number, changes: object = {}): WooCustomer => ({ ...sample, id, ...changes });

export type WooStandIn = StandIn<WooCustomer, WooWebhook>;

/**
 * The REST API of a shop: key `ck_test`, secret `cs_test`. Filters that it does not know are ignored, as WooCommerce ignores
 * them. https://woocommerce.github.io/woocommerce-rest-api-docs/
 */
export async function startWooApi(startsWith: StartsWith<WooCustomer, WooWebhook> = {}): Promise<WooStandIn> {
  const api = await startStandIn(
    startsWith,
    ({ method, url, headers, body }, standIn): Answer | undefined => {
      const { pathname, searchParams: query } = new URL(url, 'http://localhost');
      const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
      if (!standIn.tokens.has(Buffer.from(basic, 'base64').toString()))
        return { status: 401, body: { code: 'woocommerce_rest_authentication_error', message: 'no' } };
      if (pathname === '/wp-json/wc/v3/customers') return customersAnswer(query, standIn);
      const [, id] = /^\/wp-json\/wc\/v3\/webhooks(?:\/(\d+))?$/.exec(pathname) ?? [];
      if (!pathname.startsWith('/wp-json/wc/v3/webhooks')) return undefined;
      return method === 'GET' ? webhooksAnswer(query, standIn) : writeWebhook(id, JSON.parse(body), standIn);
    },
  );
  api.tokens.clear();
  api.tokens.add('ck_test:cs_test');
  return api;
}

function customersAnswer(query: URLSearchParams, api: WooStandIn): Answer {
  api.beforePage?.();
  const perPage = Number(query.get('per_page') ?? 10);
  if (perPage > 100) return { status: 400, body: { code: 'rest_invalid_param', message: 'per_page' } };
  const offset = Number(query.get('offset') ?? 0);
  const role = query.get('role') ?? 'customer';
  const all = [...api.customers.values()].filter((customer) => role === 'all' || customer.role === role);
  if (query.get('orderby') === 'id') all.sort((a, b) => a.id - b.id);
  return {
    headers: { 'X-WP-Total': String(all.length), 'X-WP-TotalPages': String(Math.ceil(all.length / perPage)) },
    body: all.slice(offset, offset + perPage),
  };
}

const told = ({ secret: _, ...webhook }: WooWebhook) => webhook;

function webhooksAnswer(query: URLSearchParams, { subscriptions }: WooStandIn): Answer {
  const perPage = Number(query.get('per_page') ?? 10);
  const start = (Number(query.get('page') ?? 1) - 1) * perPage;
  return { body: [...subscriptions.values()].slice(start, start + perPage).map(told) };
}

function writeWebhook(id: string | undefined, given: Partial<WooWebhook>, api: WooStandIn): Answer {
  const { subscriptions } = api;
  const held = id === undefined ? undefined : subscriptions.get(id);
  if (id !== undefined && !held)
    return { status: 404, body: { code: 'woocommerce_rest_shop_webhook_invalid_id' } };
  const number = held?.id ?? subscriptions.size + 1;
  const webhook = { status: 'active', topic: '', delivery_url: '', ...held, ...given, id: number };
  subscriptions.set(String(number), webhook);
  return { status: held ? 200 : 201, body: told(webhook) };
}
