import * as z from 'zod';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { failureOf } from '../shared/call-vendor.ts';
import { otherForm } from '../shared/not-told.ts';
import { isSameAddress } from '../shared/same-address.ts';
import { isFailure } from '../shared/with-token.ts';
import type { SubscriptionGuard, SubscriptionState, WantedSubscription } from '../subscription.ts';
import { askZoho } from './api.ts';
import type { Options } from './options.ts';

/** A week is the longest that was seen granted; which time Zoho grants is read back. */
const renewedForMs = 6 * 24 * 60 * 60_000;

/** More than anybody has. */
const maxPages = 20;

const channelSchema = z.looseObject({
  channel_id: z.union([z.string(), z.number()]).transform(String),
  notify_url: z.string(),
  events: z.array(z.string()),
  channel_expiry: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  /** The secret of the webhooks. */
  token: z.string().nullish(),
});
type Channel = z.infer<typeof channelSchema>;

const listSchema = z.looseObject({
  watch: z.array(channelSchema),
  info: z.looseObject({ more_records: z.boolean().optional() }).optional(),
});
const errorSchema = z.looseObject({ code: z.string() });
const changedSchema = z.looseObject({ watch: z.array(z.looseObject({ status: z.string().optional() })) });

/**
 * The notification channel: it ends by itself, and Zoho says nothing then. Its answers hold the channel's token.
 * https://www.zoho.com/crm/developer/docs/api/v8/notifications/get-details.html
 */
export const subscription: SubscriptionGuard<Options> = {
  async look(wanted, context) {
    const channels = await readChannels(context);
    return Array.isArray(channels) ? stateOf(channels, wanted, context) : channels;
  },

  async repair(wanted, context) {
    const channels = await readChannels(context);
    if (!Array.isArray(channels)) return channels;
    const ours = oursAmong(channels, wanted, context.options);
    // A channel with the same id is replaced by one that is made, and this one is somebody else's.
    if (!ours && channels.some(({ channel_id }) => channel_id === context.options.channelId))
      return stateOf(channels, wanted, context);
    const failure = await write(ours, wanted, context);
    return failure ?? subscription.look(wanted, context);
  },
};

type Unread = VendorFailure | typeof otherForm;

/** All channels of the user whose token it is. */
async function readChannels(context: FetchContext<Options>): Promise<Channel[] | Unread> {
  const channels: Channel[] = [];
  for (let page = 1; page <= maxPages; page++) {
    const answer = await askZoho({ path: 'actions/watch', query: { page: String(page) } }, context);
    if (isFailure(answer)) return answer;
    // None: with or without a word.
    if (answer.status === 204 || errorSchema.safeParse(answer.payload).data?.code === 'NOT_SUBSCRIBED')
      return channels;
    if (answer.status !== 200 || answer.payload === undefined) return failureOf(answer);
    const list = listSchema.safeParse(answer.payload).data;
    if (!list) return otherForm;
    channels.push(...list.watch);
    if (!list.info?.more_records || list.watch.length === 0) break;
  }
  return channels;
}

/** The channel that sends here about the module, and lasts longest. */
function oursAmong(
  channels: readonly Channel[],
  { url }: WantedSubscription,
  { module }: Options,
): Channel | undefined {
  return channels
    .filter((each) => isSameAddress(each.notify_url, url) && each.events.some((event) => isOf(event, module)))
    .toSorted((a, b) => b.channel_expiry.getTime() - a.channel_expiry.getTime())[0];
}

const isOf = (event: string, module: string): boolean => event.startsWith(`${module}.`);

/** What the relay must be told. */
function missingEvents({ events }: Channel, module: string): string[] {
  const needed = [`${module}.create`, `${module}.edit`];
  return events.includes(`${module}.all`) ? [] : needed.filter((event) => !events.includes(event));
}

async function stateOf(
  channels: readonly Channel[],
  wanted: WantedSubscription,
  { options, secret }: FetchContext<Options>,
): Promise<SubscriptionState> {
  const ours = oursAmong(channels, wanted, options);
  const { channelId, module } = options;
  if (!ours) {
    const isElsewhere = channels.some(({ channel_id }) => channel_id === channelId);
    const problem = isElsewhere
      ? `the channel ${channelId} sends to another address, or about another module`
      : 'there is no channel to this address: it was never made, or it has ended';
    return { type: 'found', problems: [problem] };
  }
  const secrets = await Promise.all(wanted.secretNames.map(secret));
  const problems = [
    ...missingEvents(ours, module).map((event) => `${event} is not subscribed`),
    ...(secrets.some((known) => known === ours.token)
      ? []
      : ['its token is none of the secrets of the source']),
  ];
  return { type: 'found', problems, endsAt: ours.channel_expiry.toISOString() };
}

/** Makes the channel; or renews it, and leaves as it is what is not named here. Undefined: it succeeded. */
async function write(
  ours: Channel | undefined,
  { url, secretNames: [newest = ''] }: WantedSubscription,
  context: FetchContext<Options>,
): Promise<VendorFailure | undefined> {
  const { channelId, module } = context.options;
  const others = (ours?.events ?? []).filter((event) => !isOf(event, module));
  const channel = {
    channel_id: ours?.channel_id ?? channelId,
    notify_url: url.href,
    events: ours && missingEvents(ours, module).length === 0 ? ours.events : [...others, `${module}.all`],
    channel_expiry: `${new Date(Date.now() + renewedForMs).toISOString().slice(0, 19)}+00:00`,
    token: await context.secret(newest),
    ...(!ours && { return_affected_field_values: true, notify_on_related_action: false }),
  };
  const body = { watch: [channel] };
  const answer = await askZoho({ path: 'actions/watch', body, ...(ours && { method: 'PATCH' }) }, context);
  if (isFailure(answer)) return answer;
  if (answer.status < 200 || answer.status >= 300) return failureOf(answer);
  const changed = changedSchema.safeParse(answer.payload).data?.watch ?? [];
  return changed.some(({ status }) => status === 'error')
    ? { type: 'refused-by-vendor', status: answer.status }
    : undefined;
}
