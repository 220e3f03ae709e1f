import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { bestOf } from '../shared/best-subscription.ts';
import { otherForm } from '../shared/not-told.ts';
import type { SubscriptionGuard, SubscriptionState, WantedSubscription } from '../subscription.ts';
import { askMailchimp } from './api.ts';
import type { Options } from './options.ts';

const neededEvents = ['profile', 'upemail'];
/** What the API changes may be left out: it may be what somebody else writes back. */
const neededSources = ['user', 'admin'];

const webhookSchema = z.object({
  id: z.string().min(1),
  url: z.string(),
  events: z.record(z.string(), z.boolean()).catch({}),
  sources: z.record(z.string(), z.boolean()).catch({}),
});
type Webhook = z.infer<typeof webhookSchema>;

const listSchema = z.object({ webhooks: z.array(webhookSchema) });

/**
 * Mailchimp has no state of a webhook: whether it is there, and what it sends, is all that it tells.
 * https://mailchimp.com/developer/marketing/api/list-webhooks/
 * A new webhook shows its signing secret once, to whoever makes it: only with a secret in the address can the relay make one.
 */
export const subscription: SubscriptionGuard<Options> = {
  async look(wanted, context) {
    const webhooks = await webhooksOf(context);
    if (!Array.isArray(webhooks)) return webhooks;
    const keys = await keysOf(wanted, context);
    return { type: 'found', problems: problemsOf(webhooks, wanted.url, keys) };
  },

  async repair(wanted, context) {
    const webhooks = await webhooksOf(context);
    if (!Array.isArray(webhooks)) return webhooks;
    const keys = await keysOf(wanted, context);
    const ours = webhooks.filter((webhook) => isAt(webhook, wanted.url));
    const found = bestOf(ours, (webhook) => faultsOf(webhook, keys));
    if (found && found.faults.length > 0) {
      const { id, events, sources } = found.best;
      const body = { events: switchedOn(events, neededEvents), sources: switchedOn(sources, neededSources) };
      const answer = await askMailchimp(`webhooks/${id}`, context, { method: 'PATCH', body });
      if (answer.type !== 'answer') return answer;
    }
    const [newest] = keys ?? [];
    if (!found && newest !== undefined) {
      const url = new URL(wanted.url);
      url.searchParams.set('key', newest);
      const events = switchedOn({}, [...neededEvents, 'unsubscribe']);
      const body = { url: url.href, events, sources: switchedOn({}, neededSources) };
      const answer = await askMailchimp('webhooks', context, { body });
      if (answer.type !== 'answer') return answer;
    }
    return subscription.look(wanted, context);
  },
};

const switchedOn = (before: Readonly<Record<string, boolean>>, names: readonly string[]) => ({
  ...before,
  ...Object.fromEntries(names.map((name) => [name, true])),
});

async function webhooksOf(
  context: FetchContext<Options>,
): Promise<Webhook[] | Exclude<SubscriptionState, { type: 'found' }>> {
  const answer = await askMailchimp('webhooks', context);
  if (answer.type !== 'answer') return answer;
  return listSchema.safeParse(answer.payload).data?.webhooks ?? otherForm;
}

/** An address of the relay's may end with a key. */
function isAt(webhook: Webhook, url: URL): boolean {
  const at = URL.parse(webhook.url);
  return at?.origin === url.origin && at.pathname === url.pathname;
}

/** What the address may end with, where it has to; undefined: it says nothing. */
async function keysOf(
  { secretNames }: WantedSubscription,
  { options, secret }: FetchContext<Options>,
): Promise<readonly string[] | undefined> {
  if (options.authentication !== 'url') return undefined;
  return Promise.all(secretNames.map(secret));
}

function problemsOf(
  webhooks: readonly Webhook[],
  url: URL,
  keys: readonly string[] | undefined,
): readonly string[] {
  const ours = webhooks.filter((webhook) => isAt(webhook, url));
  const found = bestOf(ours, (webhook) => faultsOf(webhook, keys));
  if (found) return found.faults;
  const isElsewhere = webhooks.some(({ events }) => events.profile);
  return [`the webhook is missing${isElsewhere ? ' here: it goes to another address' : ''}`];
}

function faultsOf({ url, events, sources }: Webhook, keys: readonly string[] | undefined): string[] {
  const key = URL.parse(url)?.searchParams.get('key') ?? '';
  return [
    ...neededEvents.filter((name) => !events[name]).map((name) => `the event ${name} is missing`),
    ...neededSources.filter((name) => !sources[name]).map((name) => `changes by the ${name} are not sent`),
    ...(keys && !keys.includes(key) ? ['the key in its address is none of the secrets of the source'] : []),
  ];
}
