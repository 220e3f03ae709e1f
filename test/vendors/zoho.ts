import sample from '../fixtures/zoho/contact.response.json' with { type: 'json' };
import type { ReceivedRequest } from '../test-server.ts';
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A contact as the API gives it. */
export interface ZohoContact {
  readonly id: string;
  readonly Modified_Time: string;
  readonly [field: string]: unknown;
}

export interface ZohoChannel {
  readonly channel_id: string;
  readonly notify_url: string;
  readonly events: readonly string[];
  readonly channel_expiry: string;
  readonly token: string | null;
  readonly [name: string]: unknown;
}

const [maria] = sample.data;

/** Maria, as in the fixture of the record, or with changes. */
export function zohoContact(id: string, changes: object = {}): ZohoContact {
  if (!maria) throw new Error('the fixture is empty');
  return { ...maria, id, ...changes };
}

interface Settings {
  /** The longest that a channel is granted, in ms. */
  longestMs: number;
  /** Called between the query and the reading of the records. */
  beforeRecords: (() => void) | undefined;
}

export type ZohoStandIn = StandIn<ZohoContact, ZohoChannel> & Settings;

const coql =
  /^select id, Modified_Time from Contacts where (?:\(Modified_Time <= '(?<until>[^']+)' and (?:Modified_Time >= '(?<since>[^']+)'|\(Modified_Time > '(?<later>[^']+)' or \(Modified_Time = '(?<stamp>[^']+)' and id > (?<id>\d+)\)\))\)|Modified_Time <= '(?<onlyUntil>[^']+)') order by Modified_Time, id limit (?<limit>\d+)$/;

/**
 * Zoho's API as far as the relay asks it, and its tokens for the refresh token `refresh-1`. Notifications go to channels.
 * https://www.zoho.com/crm/developer/docs/api/v8/
 */
export async function startZohoApi(
  startsWith: StartsWith<ZohoContact, ZohoChannel> = {},
): Promise<ZohoStandIn> {
  const settings: Settings = { longestMs: 7 * 24 * 60 * 60_000, beforeRecords: undefined };
  let given = 0;
  const api: ZohoStandIn = await startStandIn(startsWith, (request, standIn): Answer | undefined => {
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    if (pathname === '/oauth/v2/token') {
      if (new URLSearchParams(request.body).get('refresh_token') !== 'refresh-1')
        return { body: { error: 'invalid_code' } };
      const token = `token-${++given}`;
      standIn.tokens.add(token);
      return { body: { access_token: token, expires_in: 3600 } };
    }
    const [, token = ''] = /^Zoho-oauthtoken (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!standIn.tokens.has(token)) return { status: 401, body: { code: 'INVALID_TOKEN', status: 'error' } };
    if (pathname === '/crm/v8/coql') return hits(api, JSON.parse(request.body).select_query);
    if (pathname === '/crm/v8/Contacts') return records(api, query);
    return pathname === '/crm/v8/actions/watch' ? channels(api, request, query) : undefined;
  }).then((standIn) => Object.assign(standIn, settings));
  return api;
}

function hits(api: ZohoStandIn, query: string): Answer {
  api.beforePage?.();
  const asked = coql.exec(query)?.groups;
  if (!asked) return { status: 400, body: { code: 'SYNTAX_ERROR', status: 'error', details: {} } };
  const { until = asked.onlyUntil ?? '', since, stamp, id = '0', limit } = asked;
  const time = ({ Modified_Time }: ZohoContact) => Date.parse(Modified_Time);
  const found = [...api.customers.values()]
    .filter((contact) => time(contact) <= Date.parse(until) && (!since || time(contact) >= Date.parse(since)))
    .filter((contact) => {
      const from = Date.parse(stamp ?? '1970-01-01');
      return time(contact) > from || (time(contact) === from && BigInt(contact.id) > BigInt(id));
    })
    .sort((a, b) => time(a) - time(b) || (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  if (found.length === 0) return { status: 204 };
  const data = found
    .slice(0, Number(limit))
    .map(({ id: own, Modified_Time }) => ({ id: own, Modified_Time }));
  return { body: { data, info: { count: data.length, more_records: found.length > data.length } } };
}

function records(api: ZohoStandIn, query: URLSearchParams): Answer {
  api.beforeRecords?.();
  const fields = query.get('fields')?.split(',') ?? [];
  const ids = query.get('ids')?.split(',') ?? [];
  if (fields.length === 0 || fields.length > 50 || ids.length > 100)
    return { status: 400, body: { code: 'LIMIT_EXCEEDED', status: 'error', details: {} } };
  const data = ids
    .flatMap((id) => api.customers.get(id) ?? [])
    .map((contact) =>
      Object.fromEntries(Object.entries(contact).filter(([name]) => ['id', ...fields].includes(name))),
    );
  return data.length > 0 ? { body: { data, info: { more_records: false } } } : { status: 204 };
}

function channels(
  api: ZohoStandIn,
  { method, body }: ReceivedRequest,
  query: URLSearchParams,
): Answer | undefined {
  const { subscriptions } = api;
  if (method === 'GET') {
    const page = Number(query.get('page') ?? 1);
    const now = [...subscriptions.values()].filter(
      ({ channel_expiry }) => Date.parse(channel_expiry) > Date.now(),
    );
    // Small pages, so that there are several.
    const watch = now.slice((page - 1) * 2, page * 2);
    if (watch.length === 0) return { status: 400, body: { code: 'NOT_SUBSCRIBED', status: 'error' } };
    return { body: { watch, info: { page, per_page: 2, more_records: now.length > page * 2 } } };
  }
  const [given] = JSON.parse(body).watch;
  const held = subscriptions.get(given.channel_id);
  const longest = new Date(Date.now() + api.longestMs);
  const channel_expiry =
    new Date(given.channel_expiry) < longest ? given.channel_expiry : longest.toISOString();
  // POST makes it anew, PATCH leaves as it is what is not named.
  subscriptions.set(given.channel_id, { ...(method === 'PATCH' && held), ...given, channel_expiry });
  return { status: held ? 200 : 201, body: { watch: [{ code: 'SUCCESS', status: 'success' }] } };
}
