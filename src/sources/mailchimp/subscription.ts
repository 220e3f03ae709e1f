import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { otherForm } from '../shared/not-told.ts';
import { withoutLineEnds } from '../signing-key.ts';
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
    return { type: 'found', problems: await problemsOf(webhooks, wanted, context) };
  },

  async repair(wanted, context) {
    const webhooks = await webhooksOf(context);
    if (!Array.isArray(webhooks)) return webhooks;
    const { options, secret } = context;
    const ours = webhooks.filter((webhook) => isAt(webhook, wanted.url));
    const [first] = ours;
    if (first && faultsOf(ours).length > 0) {
      const { id, events, sources } = first;
      const body = { events: switchedOn(events, neededEvents), sources: switchedOn(sources, neededSources) };
      const answer = await askMailchimp(`webhooks/${id}`, context, { method: 'PATCH', body });
      if (answer.type !== 'answer') return answer;
    }
    const [newest] = wanted.secretNames;
    if (ours.length === 0 && options.authentication === 'url' && newest !== undefined) {
      const url = new URL(wanted.url);
      url.searchParams.set('key', withoutLineEnds(await secret(newest)));
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

async function problemsOf(
  webhooks: readonly Webhook[],
  { url, secretNames }: WantedSubscription,
  { options, secret }: FetchContext<Options>,
): Promise<string[]> {
  const ours = webhooks.filter((webhook) => isAt(webhook, url));
  if (ours.length === 0) {
    const isElsewhere = webhooks.some(({ events }) => events.profile);
    return [`the webhook is missing${isElsewhere ? ' here: it goes to another address' : ''}`];
  }
  const problems = faultsOf(ours);
  if (options.authentication !== 'url') return problems;
  const keys = new Set<string>();
  for (const name of secretNames) keys.add(withoutLineEnds(await secret(name)));
  const isKnown = ours.some((webhook) => keys.has(new URL(webhook.url).searchParams.get('key') ?? ''));
  return isKnown ? problems : [...problems, 'the key in its address is none of the secrets of the source'];
}

/** What the best of the relay's webhooks does not send. */
function faultsOf(ours: readonly Webhook[]): string[] {
  const all = ours.map(({ events, sources }) => [
    ...neededEvents.filter((name) => !events[name]).map((name) => `the event ${name} is missing`),
    ...neededSources.filter((name) => !sources[name]).map((name) => `changes by the ${name} are not sent`),
  ]);
  return all.toSorted((a, b) => a.length - b.length)[0] ?? [];
}
