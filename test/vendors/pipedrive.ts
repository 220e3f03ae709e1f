import event from '../fixtures/pipedrive/person-change.json' with { type: 'json' };
import type { ReceivedRequest } from '../test-server.ts';
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A person as the list gives it. */
export interface PipedrivePerson {
  readonly id: number;
  readonly update_time: string;
  readonly custom_fields: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface PipedriveWebhook {
  readonly id: number;
  readonly subscription_url: string;
  readonly event_action: string;
  readonly event_object: string;
  readonly version: string;
  readonly is_active: 0 | 1;
  readonly http_auth_user?: string | null;
  readonly http_auth_password?: string | null;
  readonly [name: string]: unknown;
}

/** Maria, as in the fixture of the webhook, with her custom fields as the list gives them, or with changes. */
export function pipedrivePerson(id: number, changes: object = {}): PipedrivePerson {
  const { custom_fields, ...person } = event.data;
  const plain = Object.entries(custom_fields).map(([key, field]) => {
    if (field === null || 'route' in field) return [key, field];
    return [key, 'value' in field ? field.value : { id: field.id, label: 'an option' }];
  });
  return { ...person, custom_fields: Object.fromEntries(plain), is_deleted: false, ...changes, id };
}

/** At most as many as Pipedrive allows; a test may let it give fewer at a time. */
interface Settings {
  largestPage: number;
}

export type PipedriveStandIn = StandIn<PipedrivePerson, PipedriveWebhook> & Settings;

/**
 * Pipedrive's API as far as the relay asks it (token `a-token`): persons of v2, webhooks of v1.
 * https://developers.pipedrive.com/docs/api/v1
 */
export async function startPipedriveApi(
  startsWith: StartsWith<PipedrivePerson, PipedriveWebhook> = {},
): Promise<PipedriveStandIn> {
  const settings: Settings = { largestPage: 500 };
  const api: PipedriveStandIn = await startStandIn(startsWith, (request, standIn): Answer | undefined => {
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    if (!standIn.tokens.has(String(request.headers['x-api-token'])))
      return { status: 401, body: { success: false, error: 'unauthorized access' } };
    if (pathname === '/api/v2/persons') return persons(api, query);
    const [, id] = /^\/v1\/webhooks(?:\/(\d+))?$/.exec(pathname) ?? [];
    return pathname.startsWith('/v1/webhooks') ? webhooks(api, request, id) : undefined;
  }).then((standIn) => Object.assign(standIn, settings));
  return api;
}

function persons(api: PipedriveStandIn, query: URLSearchParams): Answer {
  api.beforePage?.();
  const limit = Number(query.get('limit') ?? 100);
  const keys = query.get('custom_fields')?.split(',');
  const isLabelled = query.get('include_option_labels') === 'true';
  if (limit > 500 || (keys?.length ?? 0) > 15) return { status: 400, body: { success: false } };
  const keyOf = ({ update_time, id }: PipedrivePerson) => `${update_time} ${String(id).padStart(9, '0')}`;
  const after = Buffer.from(query.get('cursor') ?? '', 'base64').toString();
  const since = query.get('updated_since') ?? '';
  const until = query.get('updated_until') ?? '9999';
  const found = [...api.customers.values()]
    .filter((person) => person.update_time >= since && person.update_time < until && keyOf(person) > after)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = found.slice(0, Math.min(limit, api.largestPage));
  const last = page.at(-1);
  const data = page.map((person) => ({
    ...person,
    custom_fields: Object.fromEntries(
      Object.entries(person.custom_fields)
        .filter(([key]) => !keys || keys.includes(key))
        .map(([key, value]) => [key, isLabelled ? value : withoutLabel(value)]),
    ),
  }));
  const next_cursor = last && found.length > page.length ? Buffer.from(keyOf(last)).toString('base64') : null;
  return { body: { success: true, data, additional_data: { next_cursor } } };
}

const withoutLabel = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'label' in value && 'id' in value ? value.id : value;

function webhooks(
  { subscriptions }: PipedriveStandIn,
  { method, body }: ReceivedRequest,
  id: string | undefined,
): Answer {
  if (method === 'GET') return { body: { status: 'ok', success: true, data: [...subscriptions.values()] } };
  if (method === 'DELETE')
    return subscriptions.delete(id ?? '')
      ? { body: { success: true } }
      : { status: 404, body: { success: false } };
  const made: PipedriveWebhook = { ...JSON.parse(body), id: 100 + subscriptions.size, is_active: 1 };
  subscriptions.set(String(made.id), made);
  return { status: 201, body: { status: 'ok', success: true, data: made } };
}
