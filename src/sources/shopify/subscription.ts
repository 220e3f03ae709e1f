import * as z from 'zod';
import type { FetchContext } from '../fetch-context.ts';
import { bestOf } from '../shared/best-subscription.ts';
import { otherForm } from '../shared/not-told.ts';
import { isSameAddress } from '../shared/same-address.ts';
import type { SubscriptionGuard, SubscriptionState, WantedSubscription } from '../subscription.ts';
import { askShopify } from './api.ts';
import type { Options } from './options.ts';

/** What the shipped mapping needs, as GraphQL names it and as the webhook's header does. */
const topics: ReadonlyMap<string, string> = new Map([
  ['CUSTOMERS_UPDATE', 'customers/update'],
  ['CUSTOMERS_CREATE', 'customers/create'],
]);
/** What a payload that is cut down must keep. */
const neededFields = ['id', 'updated_at', 'metafields'];

const subscriptionSchema = z.object({
  id: z.string(),
  uri: z.string(),
  topic: z.string(),
  format: z.string(),
  filter: z.string().nullish(),
  includeFields: z.array(z.string()).nullish(),
  metafieldNamespaces: z.array(z.string()).nullish(),
});
type Subscription = z.infer<typeof subscriptionSchema>;

const listSchema = z.object({ webhookSubscriptions: z.object({ nodes: z.array(subscriptionSchema) }) });

const listDocument = `
query subscriptions($topics: [WebhookSubscriptionTopic!]) {
  webhookSubscriptions(first: 100, topics: $topics) {
    nodes { id uri topic format filter includeFields metafieldNamespaces }
  }
}`;
const createDocument = `
mutation subscribe($topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) {
    webhookSubscription { id } userErrors { message }
  }
}`;
const updateDocument = `
mutation correct($id: ID!, $webhookSubscription: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $webhookSubscription) {
    webhookSubscription { id } userErrors { message }
  }
}`;

/**
 * Shopify deletes a subscription after failed deliveries: one that is there is switched on. The calling app sees its own, without
 * those of its TOML file and those that were made by hand in the admin.
 * https://shopify.dev/docs/api/admin-graphql/latest/queries/webhookSubscriptions
 */
export const subscription: SubscriptionGuard<Options> = {
  async look(wanted, context) {
    const read = await subscriptions(context);
    return Array.isArray(read)
      ? { type: 'found', problems: problemsOf(read, wanted, context.options) }
      : read;
  },

  async repair(wanted, context) {
    const read = await subscriptions(context);
    if (!Array.isArray(read)) return read;
    const namespaces = namespacesOf(context.options);
    for (const topic of topics.keys()) {
      const ours = read.filter((one) => one.topic === topic && isSameAddress(one.uri, wanted.url));
      const { best, faults } = bestOf(ours, (one) => faultsOf(one, namespaces)) ?? {};
      if (faults?.length === 0) continue;
      const webhookSubscription = {
        uri: wanted.url.href,
        format: 'JSON',
        metafieldNamespaces: [...new Set([...namespaces, ...(best?.metafieldNamespaces ?? [])])],
        ...(best?.includeFields?.length && { includeFields: [] }),
        ...(best?.filter && { filter: '' }),
      };
      const changed = await askShopify(
        best ? updateDocument : createDocument,
        { ...(best ? { id: best.id } : { topic }), webhookSubscription },
        context,
      );
      if (changed.type !== 'data') return changed;
    }
    return subscription.look(wanted, context);
  },
};

const namespacesOf = ({ api }: Options): readonly string[] => api?.metafieldNamespaces ?? [];

async function subscriptions(
  context: FetchContext<Options>,
): Promise<Subscription[] | Exclude<SubscriptionState, { type: 'found' }>> {
  const answer = await askShopify(listDocument, { topics: [...topics.keys()] }, context);
  if (answer.type !== 'data') return answer;
  return listSchema.safeParse(answer.data).data?.webhookSubscriptions.nodes ?? otherForm;
}

function problemsOf(all: readonly Subscription[], { url }: WantedSubscription, options: Options): string[] {
  return [...topics].flatMap(([topic, name]) => {
    const ofTopic = all.filter((one) => one.topic === topic);
    const ours = ofTopic.filter(({ uri }) => isSameAddress(uri, url));
    const found = bestOf(ours, (one) => faultsOf(one, namespacesOf(options)));
    if (found) return found.faults.map((fault) => `${name}: ${fault}`);
    const others = ofTopic.length > 0 ? ' here: it goes to another address' : '';
    return [`the topic ${name} is missing${others}`];
  });
}

/** What a subscription does not bring. One without its metafields looks alive, and brings no DirectScale id. */
function faultsOf(
  { format, filter, includeFields, metafieldNamespaces }: Subscription,
  namespaces: readonly string[],
): string[] {
  const lost = namespaces.filter((namespace) => !metafieldNamespaces?.includes(namespace));
  const cut = includeFields?.length ? neededFields.filter((name) => !includeFields.includes(name)) : [];
  return [
    ...(format === 'JSON' ? [] : ['the form is not JSON']),
    ...lost.map((namespace) => `the metafields of ${namespace} are missing`),
    ...cut.map((name) => `${name} is missing in what is sent`),
    ...(filter ? ['a filter leaves customers out'] : []),
  ];
}
