import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { otherForm } from '../shared/not-told.ts';
import { isSameAddress } from '../shared/same-address.ts';
import type { SubscriptionGuard, SubscriptionState, WantedSubscription } from '../subscription.ts';
import { apiOf, askBigCommerce, type BigCommerceApi, readList } from './api.ts';
import type { Options } from './options.ts';

/** Without those of addresses nobody tells of addresses. */
const neededScopes = [
  'store/customer/created',
  'store/customer/updated',
  'store/customer/address/created',
  'store/customer/address/updated',
];

/** A hook also has headers, with the secret of the source in them: they are not read. */
const hookSchema = z.object({
  id: z.int().positive(),
  scope: z.string(),
  destination: z.string(),
  is_active: z.boolean(),
});
type Hook = z.infer<typeof hookSchema>;

const mostPages = 10;

/**
 * BigCommerce lists the hooks of the API account that the token belongs to, and switches a hook off after two days of failures or
 * 90 days without an event. https://developer.bigcommerce.com/docs/webhooks/manage-webhooks
 */
export const subscription: SubscriptionGuard<Options> = {
  async look(wanted, context) {
    const hooks = await hooksOf(await apiOf(context));
    return Array.isArray(hooks) ? { type: 'found', problems: problemsOf(hooks, wanted) } : hooks;
  },

  async repair(wanted, context) {
    const api = await apiOf(context);
    const hooks = await hooksOf(api);
    if (!Array.isArray(hooks)) return hooks;
    const ours = hooks.filter(({ destination }) => isSameAddress(destination, wanted.url));
    for (const { id } of ours.filter(({ is_active }) => !is_active)) {
      const done = await askBigCommerce(api, `hooks/${id}`, { method: 'PUT', body: { is_active: true } });
      if ('type' in done) return done;
    }
    for (const scope of neededScopes.filter((needed) => !ours.some((hook) => covers(hook, needed)))) {
      const headers = await headersOf(wanted, context);
      const body = { scope, destination: wanted.url.href, is_active: true, ...headers };
      const done = await askBigCommerce(api, 'hooks', { body });
      if ('type' in done) return done;
    }
    return subscription.look(wanted, context);
  },
};

/** A scope may stand for all below it: `store/customer/*`. */
const covers = ({ scope }: Hook, needed: string): boolean =>
  scope === needed || (scope.endsWith('/*') && needed.startsWith(scope.slice(0, -1)));

/** The header by which the source knows BigCommerce; a signed hook needs none. */
async function headersOf(
  { secretNames: [newest] }: WantedSubscription,
  { options, secret }: FetchContext<Options>,
): Promise<{ headers?: Record<string, string> }> {
  if (options.authentication !== 'header' || newest === undefined) return {};
  return { headers: { [options.header]: await secret(newest) } };
}

async function hooksOf(api: BigCommerceApi): Promise<Hook[] | Exclude<SubscriptionState, { type: 'found' }>> {
  const all: Hook[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const read = await readList(api, `hooks?limit=250&page=${page}`);
    if (read.type !== 'list') return read;
    const hooks = z.array(hookSchema).safeParse(read.data).data;
    if (!hooks) return otherForm;
    all.push(...hooks);
    if (!read.hasMore) break;
  }
  return all;
}

function problemsOf(hooks: readonly Hook[], { url }: WantedSubscription): string[] {
  const ours = hooks.filter(({ destination }) => isSameAddress(destination, url));
  const missing = neededScopes.filter((needed) => !ours.some((hook) => covers(hook, needed)));
  return [
    ...missing.map((scope) => {
      const isElsewhere = hooks.some((hook) => covers(hook, scope));
      return `the scope ${scope} is missing${isElsewhere ? ' here: it goes to another address' : ''}`;
    }),
    ...ours.filter(({ is_active }) => !is_active).map(({ scope }) => `the hook of ${scope} is switched off`),
  ];
}
