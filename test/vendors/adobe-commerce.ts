import sample from '../fixtures/adobe-commerce/io-events.customer-save-commit-after.json' with {
  type: 'json',
};
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A customer as the REST API has it. */
export interface AdobeCustomer {
  readonly id: number;
  readonly updated_at: string;
  readonly [name: string]: unknown;
}

export interface AdobeRegistration {
  readonly registration_id: string;
  readonly name: string;
  readonly client_id: string;
  readonly webhook_url?: string;
  readonly webhook_status?: string;
  readonly delivery_type: string;
  readonly enabled: boolean;
  readonly events_of_interest: readonly { readonly provider_id: string; readonly event_code: string }[];
}

/** Maria, as she is in the fixture of the event, or with changes: in the types and with the attributes of the REST API. */
export function adobeCustomer(id: number, changes: object = {}): AdobeCustomer {
  const { directscale_customer_id, addresses, ...value } = sample.data.value;
  return {
    ...value,
    id,
    group_id: Number(value.group_id),
    store_id: Number(value.store_id),
    gender: Number(value.gender),
    addresses: addresses.map((address) => ({ ...address, id: Number(address.id), customer_id: id })),
    custom_attributes: [{ attribute_code: 'directscale_customer_id', value: directscale_customer_id }],
    ...changes,
  };
}

/** An event in the journal; `expired`: Adobe does not keep it any more. */
export interface JournalEntry {
  readonly event: { readonly time?: string; readonly [name: string]: unknown };
  readonly expired?: boolean;
}

export type AdobeStandIn = StandIn<AdobeCustomer, AdobeRegistration> & {
  /** The journal of the registration, the oldest first. */
  readonly journal: JournalEntry[];
};

/** The event of the fixture at a time, with changes to the customer. */
export function adobeEvent(id: number, time: string, changes: object = {}): JournalEntry['event'] {
  const value = {
    ...sample.data.value,
    id: String(id),
    updated_at: time.slice(0, 19).replace('T', ' '),
    ...changes,
  };
  return { ...sample, id: `event-${id}-${time}`, time, data: { ...sample.data, value } };
}

/**
 * A shop's REST API (after `/rest/all`), Adobe's identity service (client `client-1`, secret `client-secret`, tokens `token-1`, …)
 * and the registrations of the project `org-1/project-1/workspace-1`. The last page comes again for each one after it.
 */
export async function startAdobeApi(
  startsWith: StartsWith<AdobeCustomer, AdobeRegistration> = {},
): Promise<AdobeStandIn> {
  let given = 0;
  const journal: JournalEntry[] = [];
  const api = await startStandIn(
    startsWith,
    ({ method, url, headers, body }, standIn): Answer | undefined => {
      const { pathname, searchParams: query } = new URL(url, 'http://localhost');
      if (pathname === '/ims/token/v3') {
        const form = new URLSearchParams(body);
        const isClient =
          form.get('client_id') === 'client-1' && form.get('client_secret') === 'client-secret';
        if (form.get('grant_type') !== 'client_credentials' || !isClient || !form.get('scope'))
          return { status: 400, body: { error: 'invalid_client' } };
        const token = `token-${++given}`;
        standIn.tokens.add(token);
        return { body: { access_token: token, token_type: 'bearer', expires_in: 86_399 } };
      }
      if (!standIn.tokens.has(tokenIn(headers.authorization ?? '')))
        return { status: 401, body: { message: 'no' } };
      if (pathname === '/journal') {
        if (headers['x-ims-org-id'] !== 'ORG@AdobeOrg') return { status: 403, body: {} };
        standIn.beforePage?.();
        return journalAnswer(query, journal);
      }
      if (pathname === '/rest/all/V1/customers/search') return customersAnswer(query, standIn);
      const [, id] =
        /^\/events\/org-1\/project-1\/workspace-1\/registrations(?:\/([\w-]+))?$/.exec(pathname) ?? [];
      if (!pathname.startsWith('/events/') || headers['x-api-key'] !== 'client-1') return undefined;
      if (method === 'GET')
        return { body: { _embedded: { registrations: [...standIn.subscriptions.values()] }, _links: {} } };
      if (method !== 'PUT' || id === undefined || !standIn.subscriptions.has(id)) return undefined;
      const registration = { ...JSON.parse(body), registration_id: id, webhook_status: 'verified' };
      standIn.subscriptions.set(id, registration);
      return { body: registration };
    },
  );
  return Object.assign(api, { journal });
}

/** The token of a request with a bearer token or a signature with all that it needs. */
function tokenIn(authorization: string): string {
  const parameters = new Map(
    [...authorization.matchAll(/(oauth_\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const names = ['consumer_key', 'nonce', 'signature', 'signature_method', 'timestamp', 'token'];
  const isWhole = names.every((name) => parameters.get(`oauth_${name}`));
  return isWhole ? (parameters.get('oauth_token') ?? '') : authorization.replace(/^Bearer /, '');
}

/** Positions are opaque: here, the place of the event. */
function journalAnswer(query: URLSearchParams, journal: readonly JournalEntry[]): Answer {
  const since = query.get('since');
  const hours = /^-PT(\d+)H$/.exec(query.get('seek') ?? '')?.[1];
  const sought = Date.now() - Number(hours ?? 1e6) * 3_600_000;
  const oldest = journal.findIndex(({ expired }) => !expired);
  const start =
    since === null
      ? journal.findIndex(({ event, expired }) => !expired && Date.parse(event.time ?? '') >= sought)
      : Number(since.replace('position:', '')) + 1;
  if (since !== null && start <= oldest) return { status: 410, body: 'expired' };
  const entries = start < 0 ? [] : journal.slice(start, start + Number(query.get('limit') ?? 100));
  if (entries.length === 0) return { status: 204, headers: { 'retry-after': '10' } };
  const events = entries.map(({ event }, index) => ({ position: `position:${start + index}`, event }));
  return {
    body: { events, _page: { last: `position:${start + entries.length - 1}`, count: events.length } },
  };
}

function customersAnswer(query: URLSearchParams, api: StandIn<AdobeCustomer, AdobeRegistration>): Answer {
  api.beforePage?.();
  const criteria = (path: string): string => query.get(`searchCriteria${path}`) ?? '';
  const bound = (condition: string, absent: string): number => {
    const group = [0, 1].find(
      (n) => criteria(`[filter_groups][${n}][filters][0][condition_type]`) === condition,
    );
    const value = group === undefined ? absent : criteria(`[filter_groups][${group}][filters][0][value]`);
    return Date.parse(`${value.replace(' ', 'T')}Z`);
  };
  const since = bound('gteq', '1970-01-01 00:00:00');
  const until = bound('lteq', '9999-01-01 00:00:00');
  const updated = ({ updated_at }: AdobeCustomer) => Date.parse(`${updated_at.replace(' ', 'T')}Z`);
  const isAscending = criteria('[sortOrders][0][direction]') === 'ASC' ? 1 : -1;
  const found = [...api.customers.values()]
    .filter((customer) => updated(customer) >= since && updated(customer) <= until)
    .toSorted((a, b) => isAscending * (updated(a) - updated(b) || a.id - b.id));
  const size = Number(criteria('[pageSize]') || found.length);
  if (size > 300) return { status: 400, body: { message: 'Maximum pageSize is 300' } };
  const page = Math.min(Number(criteria('[currentPage]') || 1), Math.ceil(found.length / size) || 1);
  const items = found.slice((page - 1) * size, page * size);
  return { body: { items, search_criteria: {}, total_count: found.length } };
}
