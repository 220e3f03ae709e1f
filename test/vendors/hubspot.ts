import * as z from 'zod';
import sample from '../fixtures/hubspot/crm-contact.response.json' with { type: 'json' };
import type { ReceivedRequest } from '../test-server.ts';
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A contact as the API gives it, with all of its properties. */
export interface HubspotContact {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  /** `lastmodifieddate` as the search index has it; absent: as it is. */
  readonly indexedAt?: string;
}

export interface HubspotSubscription {
  readonly id: string;
  readonly eventType: string;
  readonly propertyName?: string;
  readonly objectTypeId?: string;
  readonly active: boolean;
}

/** Maria, as in the fixture of the contact, or with other properties. */
export function hubspotContact(
  id: string,
  lastmodifieddate = sample.properties.lastmodifieddate,
  changes: Readonly<Record<string, string | null>> = {},
): HubspotContact {
  return { id, properties: { ...sample.properties, ...changes, hs_object_id: id, lastmodifieddate } };
}

interface Settings {
  /** A query answers no more contacts than these, whatever page is asked for. */
  searchCap: number;
  /** Those of the app's webhooks; undefined: it has none. */
  settings: { readonly targetUrl: string } | undefined;
}

export type HubspotStandIn = StandIn<HubspotContact, HubspotSubscription> & Settings;

/**
 * HubSpot's API as far as the relay asks it: contacts (token `a-token`), and the webhooks of the public app 4711 (developer key
 * `a-key`). https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm
 */
export async function startHubspotApi(
  startsWith: StartsWith<HubspotContact, HubspotSubscription> = {},
): Promise<HubspotStandIn> {
  const settings: Settings = { searchCap: 10_000, settings: undefined };
  const api = await startStandIn(startsWith, (request, standIn): Answer | undefined => {
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    const [, appPath] = /^\/webhooks\/v3\/4711\/(.+)$/.exec(pathname) ?? [];
    if (appPath)
      return query.get('hapikey') === 'a-key' ? appAnswer(appPath, request, api) : { status: 401, body: {} };
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!standIn.tokens.has(token)) return { status: 401, body: {} };
    if (pathname === '/crm/v3/objects/contacts/search') return search(request.body, api);
    return pathname === '/crm/v3/objects/contacts' ? list(query, standIn) : undefined;
  }).then((standIn): HubspotStandIn => Object.assign(standIn, settings));
  return api;
}

const filterSchema = z.strictObject({
  propertyName: z.enum(['lastmodifieddate', 'hs_object_id']),
  operator: z.enum(['GTE', 'LTE', 'GT']),
  value: z.string().regex(/^\d+$/),
});
const searchSchema = z.strictObject({
  filterGroups: z.tuple([z.strictObject({ filters: z.array(filterSchema) })]),
  sorts: z.tuple([
    z.strictObject({ propertyName: z.literal('hs_object_id'), direction: z.literal('ASCENDING') }),
  ]),
  properties: z.array(z.string()),
  limit: z.int().min(1).max(200),
  after: z.string().regex(/^\d+$/).optional(),
});

function search(body: string, api: HubspotStandIn): Answer {
  api.beforePage?.();
  const asked = searchSchema.safeParse(JSON.parse(body));
  if (!asked.success) return { status: 400, body: { status: 'error', category: 'VALIDATION_ERROR' } };
  const { filterGroups, properties, limit, after = '0' } = asked.data;
  const start = Number(after);
  if (start + limit > api.searchCap)
    return { status: 400, body: { status: 'error', category: 'VALIDATION_ERROR' } };
  const matches = (
    { propertyName, operator, value }: z.infer<typeof filterSchema>,
    contact: HubspotContact,
  ) => {
    const { id, indexedAt, properties: held } = contact;
    const held64 = BigInt(
      propertyName === 'hs_object_id' ? id : Date.parse(indexedAt ?? held.lastmodifieddate ?? ''),
    );
    if (operator === 'GT') return held64 > BigInt(value);
    return operator === 'GTE' ? held64 >= BigInt(value) : held64 <= BigInt(value);
  };
  const found = sorted(api).filter((contact) =>
    filterGroups[0].filters.every((filter) => matches(filter, contact)),
  );
  const results = found.slice(start, start + limit).map((contact) => told(contact, properties));
  const paging = found.length > start + limit && { paging: { next: { after: String(start + limit) } } };
  return { body: { total: found.length, results, ...paging } };
}

function list(query: URLSearchParams, api: StandIn<HubspotContact, HubspotSubscription>): Answer {
  api.beforePage?.();
  const limit = Number(query.get('limit') ?? 10);
  if (limit > 100) return { status: 400, body: { status: 'error', category: 'VALIDATION_ERROR' } };
  const after = BigInt(query.get('after') ?? 0);
  const found = sorted(api).filter(({ id }) => BigInt(id) >= after);
  const results = found
    .slice(0, limit)
    .map((contact) => told(contact, query.get('properties')?.split(',') ?? []));
  const next = found[limit];
  return { body: { results, ...(next && { paging: { next: { after: next.id } } }) } };
}

const sorted = ({ customers }: StandIn<HubspotContact, HubspotSubscription>): HubspotContact[] =>
  [...customers.values()].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));

/** What is not asked for does not come; what the contact does not have neither. */
function told({ id, properties }: HubspotContact, asked: readonly string[]) {
  const names = ['createdate', 'hs_object_id', 'lastmodifieddate', ...asked].filter(
    (name) => name in properties,
  );
  const { createdate, lastmodifieddate } = properties;
  return {
    id,
    properties: Object.fromEntries(names.map((name) => [name, properties[name]])),
    createdAt: createdate,
    updatedAt: lastmodifieddate,
    archived: false,
  };
}

function appAnswer(path: string, { method, body }: ReceivedRequest, api: HubspotStandIn): Answer | undefined {
  const [, id] = /^subscriptions\/(\d+)$/.exec(path) ?? [];
  const given = body ? JSON.parse(body) : {};
  if (path === 'settings' && method === 'PUT') api.settings = given;
  if (path === 'settings') return api.settings ? { body: api.settings } : { status: 404, body: {} };
  if (path === 'subscriptions' && method === 'GET')
    return { body: { results: [...api.subscriptions.values()] } };
  const key = id ?? String(100 + api.subscriptions.size);
  const held = api.subscriptions.get(key);
  if (id && !held) return { status: 404, body: {} };
  const made = { active: false, ...held, ...given, id: key };
  api.subscriptions.set(key, made);
  return { status: held ? 200 : 201, body: made };
}
