import sample from '../fixtures/dynamics/web-api.contact.response.json' with { type: 'json' };
import type { ReceivedRequest } from '../test-server.ts';
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A row of a table, annotations among its members. */
export interface DataverseRow {
  readonly table: string;
  readonly id: string;
  readonly modifiedon: string;
  readonly [column: string]: unknown;
}

/** A registered step, with its image. */
export interface DataverseStep {
  readonly id: string;
  readonly endpoint: string;
  readonly message: string;
  readonly entity: string;
  readonly statecode: number;
  /** The columns of its post image; "": all. Absent: it has none. */
  readonly postImage?: string;
}

/** Maria, as in the fixture of the Web API, or with changes. */
export function dataverseContact(id: string, changes: object = {}): DataverseRow {
  const { '@odata.context': _, '@odata.etag': __, contactid: ___, ...row } = sample;
  const _modifiedby_value = '75C2DD6E-B2B0-4A5F-B0C8-E0B7D1A5F001';
  return { ...row, table: 'contact', id, _modifiedby_value, ...changes };
}

interface Settings {
  /** The addresses of the registered webhooks, by id. */
  readonly endpoints: Map<string, string>;
  /** Called with each address of a next page; what it gives is given in its place. */
  nextLink: (link: string) => string;
}

export type DataverseStandIn = StandIn<DataverseRow, DataverseStep> & Settings;

const tables: Readonly<Record<string, string>> = { contacts: 'contact', accounts: 'account' };

/**
 * The Web API of Dataverse as far as the relay asks it (token `a-token`), and the tokens of the application `app-1` with the secret
 * `app-secret` in the tenant `contoso`. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview
 */
export async function startDataverseApi(
  startsWith: StartsWith<DataverseRow, DataverseStep> = {},
): Promise<DataverseStandIn> {
  const settings: Settings = { endpoints: new Map(), nextLink: (link) => link };
  let given = 0;
  const api: DataverseStandIn = await startStandIn(startsWith, (request, standIn): Answer | undefined => {
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    if (pathname === '/contoso/oauth2/v2.0/token') {
      const form = new URLSearchParams(request.body);
      const isApp =
        form.get('client_id') === 'app-1' &&
        form.get('client_secret') === 'app-secret' &&
        form.get('scope') === `${api.url}/.default`;
      if (!isApp) return { status: 401, body: { error: 'invalid_client' } };
      const token = `token-${++given}`;
      standIn.tokens.add(token);
      return { body: { access_token: token, expires_in: 3599, token_type: 'Bearer' } };
    }
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!standIn.tokens.has(token)) return { status: 401, body: {} };
    const [, path = ''] = /^\/api\/data\/v9\.2\/(.+)$/.exec(pathname) ?? [];
    const table = tables[path];
    return table ? page(api, table, path, request) : registered(api, path, query, request);
  }).then((standIn) => Object.assign(standIn, settings));
  return api;
}

/** Pages by the last row, as Dataverse's paging cookie does. */
function page(api: DataverseStandIn, table: string, path: string, { url, headers }: ReceivedRequest): Answer {
  api.beforePage?.();
  const query = new URL(url, api.url).searchParams;
  const [, size = '5000'] = /odata\.maxpagesize=(\d+)/.exec(String(headers.prefer)) ?? [];
  const filter = query.get('$filter') ?? '';
  const bound = (operator: string) => new RegExp(`modifiedon ${operator} (\\S+)`).exec(filter)?.[1];
  if (query.get('$orderby') !== `modifiedon,${table}id`) return { status: 400, body: { error: {} } };
  const [since, until] = [bound('ge'), bound('le')];
  const after = query.get('$skiptoken') ?? '';
  const keyOf = ({ modifiedon, id }: DataverseRow) => `${modifiedon}|${id}`;
  const found = [...api.customers.values()]
    .filter((row) => row.table === table && (!since || row.modifiedon >= since))
    .filter((row) => (!until || row.modifiedon <= until) && keyOf(row) > after)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const columns = new Set(query.get('$select')?.split(','));
  const rows = found.slice(0, Number(size));
  const value = rows.map(({ table: _, id, ...row }) => ({
    '@odata.etag': 'W/"501097"',
    ...Object.fromEntries(Object.entries(row).filter(([name]) => columns.has(name.split('@')[0] ?? ''))),
    [`${table}id`]: id,
  }));
  const last = rows.at(-1);
  query.set('$skiptoken', last ? keyOf(last) : '');
  const link = api.nextLink(`${api.url}/api/data/v9.2/${path}?${query}`);
  return { body: { value, ...(found.length > rows.length && { '@odata.nextLink': link }) } };
}

function registered(
  { endpoints, subscriptions: steps }: DataverseStandIn,
  path: string,
  query: URLSearchParams,
  { method, body }: ReceivedRequest,
): Answer | undefined {
  const [, wanted] = / eq ([0-9a-f-]{36})$/.exec(query.get('$filter') ?? '') ?? [];
  if (path === 'serviceendpoints')
    return {
      body: { value: [...endpoints].map(([serviceendpointid, url]) => ({ serviceendpointid, url })) },
    };
  if (path === 'sdkmessageprocessingsteps') {
    const value = [...steps.values()]
      .filter(({ endpoint }) => endpoint === wanted)
      .map(({ id, message, entity, statecode }) => ({
        sdkmessageprocessingstepid: id,
        statecode,
        sdkmessageid: { name: message },
        sdkmessagefilterid: { primaryobjecttypecode: entity },
      }));
    return { body: { value } };
  }
  if (path === 'sdkmessageprocessingstepimages') {
    const attributes = steps.get(wanted ?? '')?.postImage;
    return { body: { value: attributes === undefined ? [] : [{ imagetype: 1, attributes }] } };
  }
  const [, id = ''] = /^sdkmessageprocessingsteps\(([0-9a-f-]{36})\)$/.exec(path) ?? [];
  const step = steps.get(id);
  if (!step || method !== 'PATCH') return undefined;
  steps.set(id, { ...step, ...JSON.parse(body) });
  return { status: 204 };
}
