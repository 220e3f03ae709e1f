import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { bestOf } from '../shared/best-subscription.ts';
import { otherForm } from '../shared/not-told.ts';
import { isSameAddress } from '../shared/same-address.ts';
import type { SubscriptionGuard, SubscriptionState } from '../subscription.ts';
import { askStripe, readList } from './api.ts';
import type { Options } from './options.ts';

const neededEvents = ['customer.created', 'customer.updated'];

const endpointSchema = z.object({
  id: z.string().regex(/^\w{1,255}$/),
  url: z.string(),
  status: z.string(),
  enabled_events: z.array(z.string()),
});
type Endpoint = z.infer<typeof endpointSchema>;

const mostPages = 10;

/**
 * The endpoint is switched on again, never made: a new one would sign with another secret, which Stripe shows once.
 * https://docs.stripe.com/api/webhook_endpoints
 */
export const subscription: SubscriptionGuard<Options> = {
  async look({ url }, context) {
    const endpoints = await endpointsOf(context);
    return Array.isArray(endpoints) ? { type: 'found', problems: problemsOf(endpoints, url) } : endpoints;
  },

  async repair(wanted, context) {
    const endpoints = await endpointsOf(context);
    if (!Array.isArray(endpoints)) return endpoints;
    const ours = endpoints.filter(({ url }) => isSameAddress(url, wanted.url));
    const found = bestOf(ours, faultsOf);
    if (found && found.faults.length > 0) {
      const { best } = found;
      const form = new URLSearchParams({ disabled: 'false' });
      for (const event of [...best.enabled_events, ...missingIn(best)])
        form.append('enabled_events[]', event);
      const answer = await askStripe(`webhook_endpoints/${best.id}`, context, { form });
      if (answer.type !== 'answer') return answer;
    }
    return subscription.look(wanted, context);
  },
};

async function endpointsOf(
  context: FetchContext<Options>,
): Promise<Endpoint[] | Exclude<SubscriptionState, { type: 'found' }>> {
  const all: Endpoint[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const last = all.at(-1);
    const read = await readList(
      `webhook_endpoints?limit=100${last ? `&starting_after=${last.id}` : ''}`,
      context,
    );
    if (read.type !== 'list') return read;
    const endpoints = z.array(endpointSchema).safeParse(read.data).data;
    if (!endpoints) return otherForm;
    all.push(...endpoints);
    if (!read.hasMore) break;
  }
  return all;
}

function problemsOf(endpoints: readonly Endpoint[], url: URL): string[] {
  const ours = endpoints.filter((endpoint) => isSameAddress(endpoint.url, url));
  const found = bestOf(ours, faultsOf);
  if (found) return found.faults;
  const isElsewhere = endpoints.some((endpoint) => missingIn(endpoint).length === 0);
  return [`the endpoint is missing${isElsewhere ? ' here: it has another address' : ''}`];
}

function faultsOf(endpoint: Endpoint): string[] {
  return [
    ...(endpoint.status === 'enabled' ? [] : ['the endpoint is switched off']),
    ...missingIn(endpoint).map((event) => `the event ${event} is missing`),
  ];
}

function missingIn({ enabled_events }: Endpoint): string[] {
  return enabled_events.includes('*') ? [] : neededEvents.filter((event) => !enabled_events.includes(event));
}
