import * as z from 'zod';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf, type VendorAnswer } from '../shared/call-vendor.ts';
import { isSameAddress } from '../shared/same-address.ts';
import type { SubscriptionGuard, SubscriptionState, WantedSubscription } from '../subscription.ts';
import type { Options } from './options.ts';

const settingsSchema = z.looseObject({ targetUrl: z.string() });

const subscriptionSchema = z.looseObject({
  id: z.union([z.string().regex(/^\d{1,20}$/), z.int()]).transform(String),
  eventType: z.string(),
  propertyName: z.string().nullish(),
  objectTypeId: z.string().nullish(),
  active: z.boolean(),
});
type Subscription = z.infer<typeof subscriptionSchema>;

const listSchema = z.looseObject({ results: z.array(subscriptionSchema) });

/** What an app is set up to send. */
interface App {
  readonly type: 'app';
  /** Absent: nowhere. */
  readonly targetUrl?: string;
  readonly subscriptions: readonly Subscription[];
}

/** An event that must be subscribed. */
interface WantedEvent {
  readonly eventType: string;
  readonly propertyName?: string;
}

/** What HubSpot's own sample has. */
const throttling = { maxConcurrentRequests: 10, period: 'SECONDLY' };

/**
 * The subscriptions of a legacy public app. HubSpot has no API for those of private apps, which are made in its screens, and
 * none for workflows. https://developers.hubspot.com/docs/api-reference/2026-03/webhooks/guide
 */
export const subscription: SubscriptionGuard<Options> = {
  async look(wanted, context) {
    const calls = await callsOf(context);
    if (!calls) return notTold;
    const app = await readApp(calls);
    return app.type === 'app' ? stateOf(app, wanted, context.options) : app;
  },

  async repair(wanted, context) {
    const calls = await callsOf(context);
    if (!calls) return notTold;
    const app = await readApp(calls);
    if (app.type !== 'app') return app;
    // The app sends all of its webhooks to one address: another one is somebody else's.
    if (app.targetUrl && !isSameAddress(app.targetUrl, wanted.url))
      return stateOf(app, wanted, context.options);

    if (!app.targetUrl) {
      const failure = await calls('settings', 'PUT', { targetUrl: wanted.url.href, throttling }).then(
        refusal,
      );
      if (failure) return failure;
    }
    for (const event of wantedEvents(context.options)) {
      const failure = await subscribe(calls, app, event);
      if (failure) return failure;
    }
    return subscription.look(wanted, context);
  },
};

const notTold: SubscriptionState = {
  type: 'not-told',
  reason:
    'HubSpot tells the subscriptions of a legacy public app only (options.publicApp), not those of private apps and workflows',
};

type Calls = (path: string, method?: 'PUT' | 'PATCH', body?: unknown) => Promise<VendorAnswer | undefined>;

/** Calls about the app's webhooks, with the developer account's key: the token of a portal does not open them. */
async function callsOf({
  options: { baseUrl, publicApp },
  secret,
  timeoutMs,
}: FetchContext<Options>): Promise<Calls | undefined> {
  if (!publicApp) return undefined;
  const key = await secret(publicApp.developerKeySecret);
  return (path, method, body) => {
    const url = new URL(`${baseUrl}/webhooks/v3/${publicApp.id}/${path}`);
    url.searchParams.set('hapikey', key);
    return callVendor({
      url,
      headers: {},
      timeoutMs,
      ...(method && { method }),
      ...(body !== undefined && { body }),
    });
  };
}

async function readApp(calls: Calls): Promise<App | VendorFailure> {
  const settings = await calls('settings');
  const { targetUrl } = settingsSchema.safeParse(settings?.payload).data ?? {};
  // An app without settings has none to be found.
  if (settings?.status !== 404 && (settings?.status !== 200 || targetUrl === undefined))
    return failureOf(settings);
  const listed = await calls('subscriptions');
  const read = listed?.status === 200 ? listSchema.safeParse(listed.payload).data : undefined;
  if (!read) return failureOf(listed);
  return { type: 'app', ...(targetUrl && { targetUrl }), subscriptions: read.results };
}

function wantedEvents({ publicApp }: Options): WantedEvent[] {
  const changes = (publicApp?.subscribed ?? []).map((propertyName) => ({
    eventType: 'contact.propertyChange',
    propertyName,
  }));
  return [{ eventType: 'contact.creation' }, ...changes];
}

/** In either format of subscriptions: `contact.creation`, or `object.creation` of the type of contacts. */
function subscriptionsTo(app: App, { eventType, propertyName }: WantedEvent): Subscription[] {
  const generic = eventType.replace('contact.', 'object.');
  return app.subscriptions.filter(
    (each) =>
      (each.eventType === eventType || (each.eventType === generic && each.objectTypeId === '0-1')) &&
      (propertyName === undefined || each.propertyName === propertyName),
  );
}

function stateOf(app: App, { url }: WantedSubscription, options: Options): SubscriptionState {
  const problems: string[] = [];
  if (!app.targetUrl) problems.push('the app has no target URL: it sends no webhooks');
  else if (!isSameAddress(app.targetUrl, url)) problems.push('the app sends its webhooks to another address');
  for (const event of wantedEvents(options)) {
    const found = subscriptionsTo(app, event);
    const name = [event.eventType, event.propertyName].filter(Boolean).join(' of ');
    if (found.length === 0) problems.push(`${name} is not subscribed`);
    else if (!found.some(({ active }) => active)) problems.push(`${name} is switched off`);
  }
  return { type: 'found', problems };
}

/** Makes the subscription to an event, or switches it on; undefined: it is as it should be. */
async function subscribe(calls: Calls, app: App, event: WantedEvent): Promise<VendorFailure | undefined> {
  const found = subscriptionsTo(app, event);
  if (found.some(({ active }) => active)) return undefined;
  const [inactive] = found;
  return refusal(
    await (inactive
      ? calls(`subscriptions/${inactive.id}`, 'PATCH', { active: true })
      : calls('subscriptions', undefined, { ...event, active: true })),
  );
}

/** Undefined: it succeeded. */
const refusal = (answer: VendorAnswer | undefined): VendorFailure | undefined =>
  answer && answer.status >= 200 && answer.status < 300 ? undefined : failureOf(answer);
