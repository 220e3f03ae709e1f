import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { otherForm } from '../shared/not-told.ts';
import { isSameAddress } from '../shared/same-address.ts';
import type { SubscriptionGuard, SubscriptionState, WantedSubscription } from '../subscription.ts';
import { askPipedrive } from './api.ts';
import type { Options } from './options.ts';

const webhookSchema = z.looseObject({
  id: z.int(),
  subscription_url: z.string(),
  event_action: z.string(),
  event_object: z.string(),
  version: z.string().nullish(),
  is_active: z.union([z.number(), z.boolean()]).transform(Boolean),
  remove_reason: z.string().nullish(),
  last_http_status: z.int().nullish(),
  http_auth_user: z.string().nullish(),
  http_auth_password: z.string().nullish(),
});
type Webhook = z.infer<typeof webhookSchema>;

const listSchema = z.looseObject({ data: z.array(webhookSchema).nullable() });

/** What the relay must be told. */
const neededActions = ['create', 'change'];

/** Answers that a repetition gets again. */
const refusals = new Set([301, 302, 307, 308, 401, 403, 404, 405, 413]);

/**
 * The webhook of version 2. It cannot be changed, only made anew. Its answers hold its password.
 * https://developers.pipedrive.com/docs/api/v1/Webhooks
 */
export const subscription: SubscriptionGuard<Options> = {
  async look(wanted, context) {
    const webhooks = await readWebhooks(wanted, context);
    if (!Array.isArray(webhooks)) return webhooks;
    return { type: 'found', problems: problemsOf(webhooks, await credentialsOf(wanted, context)) };
  },

  async repair(wanted, context) {
    const webhooks = await readWebhooks(wanted, context);
    if (!Array.isArray(webhooks)) return webhooks;
    const credentials = await credentialsOf(wanted, context);
    const faulty = webhooks.filter((webhook) => faultsOf(webhook, credentials).length > 0);
    if (missingActions(webhooks.filter((webhook) => !faulty.includes(webhook))).length > 0) {
      const [newest = ''] = credentials;
      const made = await askPipedrive({ path: 'v1/webhooks', body: webhookFor(wanted.url, newest) }, context);
      if (made.type !== 'answered') return made;
    }
    // Ours, and only in the way now: what Pipedrive sends by them is refused, or comes twice.
    for (const { id } of faulty) {
      const removed = await askPipedrive({ path: `v1/webhooks/${id}`, method: 'DELETE' }, context);
      if (removed.type !== 'answered' && removed.type !== 'refused-by-vendor') return removed;
    }
    return subscription.look(wanted, context);
  },
};

/** Those that send here about persons. */
async function readWebhooks(
  { url }: WantedSubscription,
  context: FetchContext<Options>,
): Promise<Webhook[] | Exclude<SubscriptionState, { type: 'found' }>> {
  const answer = await askPipedrive({ path: 'v1/webhooks' }, context);
  if (answer.type !== 'answered') return answer;
  const list = listSchema.safeParse(answer.payload).data;
  if (!list) return otherForm;
  return (list.data ?? []).filter(
    ({ subscription_url, event_object }) =>
      isSameAddress(subscription_url, url) && ['person', '*'].includes(event_object),
  );
}

/** `user:password`, the newest first. */
async function credentialsOf(
  { secretNames }: WantedSubscription,
  { secret }: FetchContext<Options>,
): Promise<string[]> {
  return Promise.all(secretNames.map(secret));
}

function problemsOf(webhooks: readonly Webhook[], credentials: readonly string[]): string[] {
  if (webhooks.length === 0)
    return ['there is no webhook to this address: it was never made, or Pipedrive deleted it'];
  const faults = new Map(webhooks.map((webhook) => [webhook, faultsOf(webhook, credentials)]));
  const sound = webhooks.filter((webhook) => faults.get(webhook)?.length === 0);
  const missing = missingActions(sound);
  if (missing.length === 0) return [];
  const told = [...new Set([...faults.values()].flat())];
  return told.length > 0 ? told : missing.map((action) => `${action} of persons is not subscribed`);
}

function missingActions(webhooks: readonly Webhook[]): string[] {
  return neededActions.filter(
    (action) => !webhooks.some(({ event_action }) => event_action === '*' || event_action === action),
  );
}

function faultsOf(webhook: Webhook, credentials: readonly string[]): string[] {
  const { is_active, remove_reason, version, last_http_status, http_auth_user, http_auth_password } = webhook;
  const given = `${http_auth_user ?? ''}:${http_auth_password ?? ''}`;
  const isKnown = /^\*+$/.test(http_auth_password ?? '') || credentials.includes(given);
  return [
    ...(is_active ? [] : [`it is switched off${remove_reason ? `: ${remove_reason.slice(0, 200)}` : ''}`]),
    ...(version?.startsWith('1') ? ['it is of version 1'] : []),
    ...(isKnown ? [] : ['its user and password are none of the secrets of the source']),
    ...(last_http_status && refusals.has(last_http_status)
      ? [`its last delivery was answered ${last_http_status}`]
      : []),
  ];
}

function webhookFor(url: URL, credentials: string): Record<string, string> {
  const [user = '', ...password] = credentials.split(':');
  return {
    subscription_url: url.href,
    event_action: '*',
    event_object: 'person',
    version: '2.0',
    http_auth_user: user,
    http_auth_password: password.join(':'),
  };
}
