import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { otherForm } from '../shared/not-told.ts';
import { isSameAddress } from '../shared/same-address.ts';
import type { SubscriptionGuard, SubscriptionState } from '../subscription.ts';
import { askWooCommerce } from './api.ts';
import type { Options } from './options.ts';

/** The one that must be there. Others of the relay's address are looked after only where somebody made them. */
const neededTopic = 'customer.updated';

const hookSchema = z.object({
  id: z.int().positive(),
  status: z.string(),
  topic: z.string(),
  delivery_url: z.string(),
});
type Hook = z.infer<typeof hookSchema>;

const pageSize = 100;
const mostPages = 10;

/**
 * WooCommerce disables a webhook after more than five failures in a row. Nothing tells why it was, nor its secret.
 * https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks
 */
export const subscription: SubscriptionGuard<Options> = {
  async look({ url }, context) {
    const hooks = await hooksOf(context);
    return Array.isArray(hooks) ? { type: 'found', problems: problemsOf(hooks, url) } : hooks;
  },

  async repair(wanted, context) {
    const { url, secretNames } = wanted;
    const hooks = await hooksOf(context);
    if (!Array.isArray(hooks)) return hooks;
    const ours = hooks.filter(({ delivery_url }) => isSameAddress(delivery_url, url));
    for (const { id } of ours.filter(isOff)) {
      const answer = await askWooCommerce(`webhooks/${id}`, context, {
        method: 'PUT',
        body: { status: 'active' },
      });
      if (answer.type !== 'answer') return answer;
    }
    const [newest] = secretNames;
    if (newest !== undefined && !ours.some(({ topic }) => topic === neededTopic)) {
      // Without a secret WooCommerce would make one of its own.
      const body = {
        name: 'Customer Relay',
        topic: neededTopic,
        delivery_url: url.href,
        status: 'active',
        secret: await context.secret(newest),
      };
      const answer = await askWooCommerce('webhooks', context, { body });
      if (answer.type !== 'answer') return answer;
    }
    return subscription.look(wanted, context);
  },
};

const isOff = ({ status }: Hook): boolean => status !== 'active';

async function hooksOf(
  context: FetchContext<Options>,
): Promise<Hook[] | Exclude<SubscriptionState, { type: 'found' }>> {
  const all: Hook[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const query = `status=all&per_page=${pageSize}&page=${page}`;
    const answer = await askWooCommerce(`webhooks?${query}`, context);
    if (answer.type !== 'answer') return answer;
    const hooks = z.array(hookSchema).safeParse(answer.payload).data;
    if (!hooks) return otherForm;
    all.push(...hooks);
    if (hooks.length < pageSize) break;
  }
  return all;
}

function problemsOf(hooks: readonly Hook[], url: URL): string[] {
  const ours = hooks.filter(({ delivery_url }) => isSameAddress(delivery_url, url));
  const off = ours.filter(isOff).map(({ topic, status }) => `the webhook of ${topic} is ${status}`);
  if (ours.some(({ topic }) => topic === neededTopic)) return off;
  const elsewhere = hooks.some(({ topic }) => topic === neededTopic);
  const others = elsewhere ? ' here: it goes to another address' : '';
  return [`the topic ${neededTopic} is missing${others}`, ...off];
}
