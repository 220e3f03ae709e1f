import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseForm } from '../../src/sources/shared/form-body.ts';
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A contact as the API has it. */
export interface MailchimpMember {
  readonly id: string;
  readonly unique_email_id: string;
  readonly email_address: string;
  readonly status: string;
  readonly merge_fields: Readonly<Record<string, unknown>>;
  readonly last_changed: string;
}

export interface MailchimpWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: Readonly<Record<string, boolean>>;
  readonly sources: Readonly<Record<string, boolean>>;
}

const profile = z
  .object({ data: z.object({ merges: z.record(z.string(), z.unknown()) }) })
  .parse(parseForm(readFileSync('test/fixtures/mailchimp/profile.txt')));

/** Maria, as she is in the fixture of the webhook, or with changes. Numbers are numbers here. */
export function mailchimpMember(uniqueId: string, changes: Partial<MailchimpMember> = {}): MailchimpMember {
  const { EMAIL, INTERESTS: _, ...merges } = profile.data.merges;
  return {
    id: 'md5-of-the-address',
    unique_email_id: uniqueId,
    email_address: String(EMAIL),
    status: 'subscribed',
    merge_fields: { ...merges, DSID: Number(merges.DSID) },
    last_changed: '2026-11-20T21:03:22+00:00',
    ...changes,
  };
}

export type MailchimpStandIn = StandIn<MailchimpMember, MailchimpWebhook>;

/**
 * The Marketing API for the audience `c0ffee5da1`. Bounds of times are not included, which is the narrower of the two readings
 * of its documentation. https://mailchimp.com/developer/marketing/api/list-members/
 */
export async function startMailchimpApi(
  startsWith: StartsWith<MailchimpMember, MailchimpWebhook> = {},
): Promise<MailchimpStandIn> {
  return startStandIn(startsWith, ({ method, url, headers, body }, api): Answer | undefined => {
    const { pathname, searchParams: query } = new URL(url, 'http://localhost');
    const [, path] = /^\/3\.0\/lists\/c0ffee5da1\/(.+)$/.exec(pathname) ?? [];
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!api.tokens.has(token)) return { status: 401, body: { title: 'API Key Invalid' } };
    if (path === 'members') return membersAnswer(query, api);
    const [, id] = /^webhooks(?:\/(\w+))?$/.exec(path ?? '') ?? [];
    if (!path?.startsWith('webhooks')) return undefined;
    if (method === 'GET') return { body: { webhooks: [...api.subscriptions.values()] } };
    return writeWebhook(id, JSON.parse(body), api);
  });
}

function membersAnswer(query: URLSearchParams, api: MailchimpStandIn): Answer {
  api.beforePage?.();
  const time = (name: string, absent: string): number => Date.parse(query.get(name) ?? absent);
  const [after, before] = [
    time('since_last_changed', '1970-01-01'),
    time('before_last_changed', '9999-01-01'),
  ];
  if (Number.isNaN(after) || Number.isNaN(before))
    return { status: 400, body: { title: 'Invalid Resource' } };
  const changed = ({ last_changed }: MailchimpMember) => Date.parse(last_changed);
  const found = [...api.customers.values()].filter((one) => changed(one) > after && changed(one) < before);
  if (query.get('sort_field') === 'last_changed') found.sort((a, b) => changed(a) - changed(b));
  const offset = Number(query.get('offset') ?? 0);
  const members = found.slice(offset, offset + Math.min(Number(query.get('count') ?? 10), 1000));
  return { body: { members, total_items: found.length } };
}

function writeWebhook(
  id: string | undefined,
  given: Partial<MailchimpWebhook>,
  api: MailchimpStandIn,
): Answer {
  const held = id === undefined ? undefined : api.subscriptions.get(id);
  if (id !== undefined && !held) return { status: 404, body: {} };
  const name = id ?? `new${api.subscriptions.size + 1}`;
  const webhook = { url: '', events: {}, sources: {}, ...held, ...given, id: name };
  api.subscriptions.set(name, webhook);
  return { body: webhook };
}
