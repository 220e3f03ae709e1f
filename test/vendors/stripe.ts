import sample from '../fixtures/stripe/customer-created.json' with { type: 'json' };
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

export interface StripeCustomer {
  readonly id: string;
  readonly created: number;
  readonly [name: string]: unknown;
}

export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly [name: string]: unknown;
}

export interface StripeEndpoint {
  readonly id: string;
  readonly url: string;
  readonly status: string;
  readonly enabled_events: readonly string[];
}

/** The events that Stripe keeps, by the connected account or '' for the account itself. */
export type StripeStandIn = StandIn<StripeCustomer, StripeEndpoint> & {
  readonly events: Map<string, StripeEvent[]>;
};

/** Maria, as she is in the fixture of the webhook, or with changes. */
export const stripeCustomer = (id: string, changes: object = {}): StripeCustomer => ({
  ...sample.data.object,
  id,
  ...changes,
});

let lastEvent = 0;

/** Saves a customer at a time (Unix seconds), and keeps the event of it that the webhook would have been. */
export function saveStripeCustomer(
  api: StripeStandIn,
  id: string,
  changes: Readonly<Record<string, unknown>>,
  created: number,
  account = '',
): StripeEvent {
  const before = api.customers.get(id);
  const object = before ? { ...before, ...changes } : stripeCustomer(id, { created, ...changes });
  api.customers.set(id, object);
  const previous =
    before && Object.fromEntries(Object.keys(changes).map((name) => [name, before[name] ?? null]));
  const event = {
    ...sample,
    id: `evt_${++lastEvent}`,
    type: before ? 'customer.updated' : 'customer.created',
    created,
    data: { object, ...(previous && { previous_attributes: previous }) },
  };
  api.events.set(account, [...(api.events.get(account) ?? []), event]);
  return event;
}

/** Stripe's API v1 as far as the relay asks it. https://docs.stripe.com/api */
export async function startStripeApi(
  startsWith: StartsWith<StripeCustomer, StripeEndpoint> = {},
): Promise<StripeStandIn> {
  const events = new Map<string, StripeEvent[]>();
  const api = await startStandIn(startsWith, (request, standIn): Answer | undefined => {
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!standIn.tokens.has(token))
      return { status: 401, body: { error: { type: 'invalid_request_error' } } };
    const account = String(request.headers['stripe-account'] ?? '');
    if (pathname === '/v1/events') {
      standIn.beforePage?.();
      const types = query.getAll('types[]');
      return list(
        (events.get(account) ?? []).filter(({ type }) => types.includes(type)),
        query,
      );
    }
    if (pathname === '/v1/customers') {
      standIn.beforePage?.();
      return list([...standIn.customers.values()], query);
    }
    if (pathname === '/v1/webhook_endpoints')
      return list(
        [...standIn.subscriptions.values()].map((one) => ({ created: 0, ...one })),
        query,
      );
    const [, id = ''] = /^\/v1\/webhook_endpoints\/(\w+)$/.exec(pathname) ?? [];
    const endpoint = standIn.subscriptions.get(id);
    if (!endpoint || request.method !== 'POST') return undefined;
    const form = new URLSearchParams(request.body);
    const status = form.get('disabled') === 'false' ? 'enabled' : endpoint.status;
    const changed = { ...endpoint, status, enabled_events: form.getAll('enabled_events[]') };
    standIn.subscriptions.set(id, changed);
    return { body: changed };
  });
  return Object.assign(api, { events });
}

/** A page of a list, the newest first. What it is to begin after must be there. */
function list(
  all: readonly { readonly id: string; readonly created: number }[],
  query: URLSearchParams,
): Answer {
  const from = Number(query.get('created[gte]') ?? 0);
  const until = Number(query.get('created[lte]') ?? Number.MAX_SAFE_INTEGER);
  const after = query.get('starting_after');
  const found = all
    .filter(({ created }) => created >= from && created <= until)
    .toSorted((a, b) => b.created - a.created);
  const start = after === null ? 0 : found.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) return { status: 400, body: { error: { code: 'resource_missing' } } };
  const data = found.slice(start, start + Math.min(Number(query.get('limit') ?? 10), 100));
  return { body: { object: 'list', data, has_more: start + data.length < found.length } };
}
