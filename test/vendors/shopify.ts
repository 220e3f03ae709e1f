import * as z from 'zod';
import { maria, mariasAddress } from '../fixtures/maria.ts';
import type { ReceivedRequest } from '../test-server.ts';
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

interface Metafield {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly type: string;
}

/** A customer as the GraphQL Admin API has it, its metafields as a list. */
export interface ShopifyCustomer {
  readonly id: string;
  readonly updatedAt: string;
  /** Updated in the search index, by which customers are found; absent: at once. */
  readonly indexedAt?: string;
  readonly metafields: readonly Metafield[];
  readonly [name: string]: unknown;
}

export interface ShopifySubscription {
  readonly id: string;
  readonly uri: string;
  readonly topic: string;
  readonly format: string;
  readonly filter?: string;
  readonly includeFields?: readonly string[];
  readonly metafieldNamespaces?: readonly string[];
}

/** Maria, as she is in the fixture of the webhook, or with changes. */
export function shopifyCustomer(
  id: string,
  { metafields = {}, ...changes }: { metafields?: Record<string, string>; [name: string]: unknown } = {},
): ShopifyCustomer {
  const address = {
    firstName: maria.FirstName,
    lastName: maria.LastName,
    company: maria.CompanyName,
    address1: mariasAddress.Street1,
    address2: mariasAddress.Street2,
    city: mariasAddress.City,
    province: 'Utah',
    provinceCode: 'UT',
    country: 'United States',
    countryCodeV2: 'US',
    zip: mariasAddress.PostalCode,
    phone: maria.PrimaryPhone,
  };
  return {
    id: `gid://shopify/Customer/${id}`,
    legacyResourceId: id,
    createdAt: '2026-03-02T17:15:00Z',
    updatedAt: '2026-11-20T21:03:22Z',
    firstName: maria.FirstName,
    lastName: maria.LastName,
    defaultEmailAddress: { emailAddress: maria.EmailAddress },
    defaultPhoneNumber: { phoneNumber: maria.PrimaryPhone },
    defaultAddress: address,
    metafields: Object.entries(metafields).map(([key, value]) => ({
      namespace: 'directscale',
      key,
      value,
      type: 'single_line_text_field',
    })),
    ...changes,
  };
}

const requestSchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()) });
const largestCost = 1000;

/** The points that are left of those that one app may use. Who is throttled finds them back once. */
interface Limits {
  points: number;
  /** How many come back in a second. */
  restoreRate: number;
  /** True: nothing comes back. */
  isEmpty: boolean;
}

export type ShopifyStandIn = StandIn<ShopifyCustomer, ShopifySubscription> & { readonly limits: Limits };

/**
 * Shopify's GraphQL Admin API as far as the relay asks it, and its tokens by client credentials (client `client-1`, secret
 * `client-secret`, tokens `token-1`, `token-2`, …). https://shopify.dev/docs/api/admin-graphql/latest
 */
export async function startShopifyApi(
  startsWith: StartsWith<ShopifyCustomer, ShopifySubscription> = {},
): Promise<ShopifyStandIn> {
  const limits: Limits = { points: Number.POSITIVE_INFINITY, restoreRate: 100, isEmpty: false };
  let given = 0;
  const api = await startStandIn(startsWith, (request, standIn): Answer | undefined => {
    if (request.url === '/admin/oauth/access_token') {
      const form = new URLSearchParams(request.body);
      const isClient = form.get('client_id') === 'client-1' && form.get('client_secret') === 'client-secret';
      if (form.get('grant_type') !== 'client_credentials' || !isClient) return { status: 400, body: {} };
      const token = `token-${++given}`;
      standIn.tokens.add(token);
      return { body: { access_token: token, scope: 'read_customers', expires_in: 86_399 } };
    }
    if (!/^\/admin\/api\/\d{4}-\d\d\/graphql\.json$/.test(request.url)) return undefined;
    if (!standIn.tokens.has(String(request.headers['x-shopify-access-token'])))
      return { status: 401, body: {} };
    return { body: answerTo(request, standIn, limits) };
  });
  return Object.assign(api, { limits });
}

const error = (code: string, message: string, more: object = {}) => ({
  errors: [{ message, extensions: { code } }],
  ...more,
});

function answerTo(
  { body }: ReceivedRequest,
  api: StandIn<ShopifyCustomer, ShopifySubscription>,
  limits: Limits,
) {
  const { query, variables } = requestSchema.parse(JSON.parse(body));
  const namespaces = Object.entries(variables).filter(([name]) => /^namespace\d+$/.test(name));
  if (query.includes(' customers(')) {
    const { first, query: filter } = z
      .object({ first: z.int().max(250), query: z.string() })
      .parse(variables);
    const requestedQueryCost = 2 + first * (4 + 40 * namespaces.length);
    const throttleStatus = {
      maximumAvailable: 2000,
      currentlyAvailable: Math.min(limits.points, 2000),
      restoreRate: limits.restoreRate,
    };
    const extensions = { cost: { requestedQueryCost, actualQueryCost: null, throttleStatus } };
    if (requestedQueryCost > largestCost)
      return error('MAX_COST_EXCEEDED', `Query cost is ${requestedQueryCost}`);
    if (requestedQueryCost > limits.points) {
      if (!limits.isEmpty) limits.points = requestedQueryCost;
      return error('THROTTLED', 'Throttled', { extensions });
    }
    limits.points -= requestedQueryCost;
    return { data: { customers: customersOf(api, first, filter, namespaces) }, extensions };
  }
  if (query.includes(' customer(')) {
    const customer = [...api.customers.values()].find(({ id }) => id === variables.id);
    const metafields = customer && metafieldsOf(customer, String(variables.namespace), 250);
    return { data: { customer: metafields ? { metafields } : null } };
  }
  return { data: subscriptionsAnswer(query, variables, api) };
}

function customersOf(
  api: StandIn<ShopifyCustomer, ShopifySubscription>,
  first: number,
  filter: string,
  namespaces: readonly (readonly [string, unknown])[],
) {
  api.beforePage?.();
  const bound = (pattern: RegExp): string | undefined => pattern.exec(filter)?.[1];
  const since = Date.parse(bound(/updated_at:>='([^']+)'/) ?? '1970-01-01');
  const until = Date.parse(bound(/updated_at:<='([^']+)'/) ?? '9999-01-01');
  const fromId = BigInt(bound(/id:>=(\d+)/) ?? '0');
  const idOf = ({ id }: ShopifyCustomer) => BigInt(id.replace('gid://shopify/Customer/', ''));
  const found = [...api.customers.values()]
    .filter((customer) => {
      const indexed = Date.parse(customer.indexedAt ?? customer.updatedAt);
      return idOf(customer) >= fromId && indexed >= since && indexed <= until;
    })
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const nodes = found.slice(0, first).map(({ metafields: _, indexedAt: __, ...customer }) => {
    const own = api.customers.get(customer.id.replace('gid://shopify/Customer/', ''));
    const byName = namespaces.map(([name, namespace]) => [
      name.replace('namespace', 'metafields'),
      own && metafieldsOf(own, String(namespace), 40),
    ]);
    return { ...customer, ...Object.fromEntries(byName) };
  });
  return { nodes, pageInfo: { hasNextPage: found.length > first } };
}

function metafieldsOf({ metafields }: ShopifyCustomer, namespace: string, first: number) {
  const own = metafields.filter((metafield) => metafield.namespace === namespace);
  return { nodes: own.slice(0, first), pageInfo: { hasNextPage: own.length > first } };
}

function subscriptionsAnswer(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  { subscriptions }: StandIn<ShopifyCustomer, ShopifySubscription>,
) {
  if (query.includes(' webhookSubscriptions(')) {
    const topics = z.array(z.string()).parse(variables.topics);
    const nodes = [...subscriptions.values()].filter(({ topic }) => topics.includes(topic));
    return { webhookSubscriptions: { nodes } };
  }
  const given = z.looseObject({ uri: z.string(), format: z.string() }).parse(variables.webhookSubscription);
  const isNew = query.includes('webhookSubscriptionCreate(');
  const id = isNew ? `gid://shopify/WebhookSubscription/${subscriptions.size + 1}` : String(variables.id);
  const topic = isNew ? String(variables.topic) : (subscriptions.get(id)?.topic ?? '');
  subscriptions.set(id, { ...subscriptions.get(id), id, topic, ...given });
  const done = { webhookSubscription: { id }, userErrors: [] };
  return isNew ? { webhookSubscriptionCreate: done } : { webhookSubscriptionUpdate: done };
}
