import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { bestOf } from '../shared/best-subscription.ts';
import { failureOf } from '../shared/call-vendor.ts';
import { otherForm } from '../shared/not-told.ts';
import { isSameAddress } from '../shared/same-address.ts';
import { isFailure } from '../shared/with-token.ts';
import type { SubscriptionGuard, SubscriptionState } from '../subscription.ts';
import { customerEvent } from './event-names.ts';
import { callAsProject } from './ims.ts';
import type { Options } from './options.ts';

const registrationSchema = z.object({
  registration_id: z.string().regex(/^[\w-]{1,100}$/),
  name: z.string(),
  description: z.string().optional(),
  client_id: z.string(),
  webhook_url: z.string().nullish(),
  webhook_status: z.string().nullish(),
  delivery_type: z.string(),
  enabled: z.boolean(),
  events_of_interest: z.array(z.object({ provider_id: z.string(), event_code: z.string() })),
});
type Registration = z.infer<typeof registrationSchema>;

const listSchema = z.object({
  _embedded: z.object({ registrations: z.array(registrationSchema) }).optional(),
});

const notTold = (reason: string) => ({ type: 'not-told', reason }) as const;

/**
 * The event registration of I/O Events. https://developer.adobe.com/events/docs/guides/api/registration-api/
 * Saving it makes Adobe send a challenge, and switches it on. It is never made: which provider the events are of, only its owner
 * knows.
 */
export const subscription: SubscriptionGuard<Options> = {
  async look({ url }, context) {
    const all = await registrationsOf(context);
    return Array.isArray(all) ? { type: 'found', problems: problemsOf(all, url, context.options) } : all;
  },

  async repair(wanted, context) {
    const all = await registrationsOf(context);
    if (!Array.isArray(all)) return all;
    const ours = all.filter(({ webhook_url }) => isSameAddress(webhook_url, wanted.url));
    const found = bestOf(ours, (one) => faultsOf(one, context.options));
    if (found && found.faults.length > 0) {
      const { registration_id, webhook_status: _, ...rest } = found.best;
      const url = new URL(`${addressOf(context.options)}/${registration_id}`);
      const body = { ...rest, enabled: true };
      const answer = await callAsProject(url, context, { method: 'PUT', body });
      if (isFailure(answer)) return answer;
      if (answer.status !== 200) return failureOf(answer);
    }
    return subscription.look(wanted, context);
  },
};

function addressOf({ registrations }: Options): string {
  const { baseUrl, organization, project, workspace } = registrations ?? {};
  return `${baseUrl}/events/${organization}/${project}/${workspace}/registrations`;
}

async function registrationsOf(
  context: FetchContext<Options>,
): Promise<Registration[] | Exclude<SubscriptionState, { type: 'found' }>> {
  const { product, registrations } = context.options;
  if (product === 'commerce-webhooks') return notTold('which hooks Commerce calls is set in Commerce alone');
  if (!registrations) return notTold('options.registrations is not set: it says where to look');
  const answer = await callAsProject(new URL(addressOf(context.options)), context);
  if (isFailure(answer)) return answer;
  if (answer.status !== 200 || answer.payload === undefined) return failureOf(answer);
  const said = listSchema.safeParse(answer.payload).data;
  return said ? (said._embedded?.registrations ?? []) : otherForm;
}

function problemsOf(all: readonly Registration[], url: URL, options: Options): string[] {
  const ours = all.filter(({ webhook_url }) => isSameAddress(webhook_url, url));
  const found = bestOf(ours, (one) => faultsOf(one, options));
  if (found) return found.faults;
  const isElsewhere = all.some((one) => one.webhook_url && !lacksEvents(one, options));
  return [`the event registration is missing${isElsewhere ? ' here: it has another address' : ''}`];
}

/** Adobe documents one value of the status. */
function faultsOf(one: Registration, options: Options): string[] {
  const status = /^[\w -]{1,40}$/.exec(one.webhook_status ?? '')?.[0] ?? 'not known';
  return [
    ...(one.enabled ? [] : ['the event registration is switched off']),
    ...(one.enabled && status !== 'verified' ? [`the status of its webhook is ${status}`] : []),
    ...(lacksEvents(one, options) ? ['no event of a customer is chosen'] : []),
  ];
}

function lacksEvents({ events_of_interest }: Registration, { types }: Options): boolean {
  const codes = events_of_interest.map(({ event_code }) => event_code);
  return types
    ? types.some((type) => !codes.includes(type))
    : !codes.some((code) => customerEvent.test(code));
}
