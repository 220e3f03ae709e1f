import { hash } from 'node:crypto';
import * as z from 'zod';
import { type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { equalsOneOf, hmacSha256 } from '../shared/hmac.ts';
import { parseJson } from '../shared/json-body.ts';
import { signedBodyId } from '../shared/signed-body-id.ts';
import { changesSince } from './changes-since.ts';
import { type Options, optionsSchema } from './options.ts';
import { subscription } from './subscription.ts';

const customerTopics = new Set(['customers/update', 'customers/create']);

/** What a person must look at, by topic: it never changes a field. */
const topicsForAPerson: ReadonlyMap<string, string> = new Map([
  ['customers/delete', 'a customer was deleted in Shopify'],
  ['customers/redact', 'Shopify asks to erase what is stored about a customer'],
  ['customers/data_request', 'a customer asks through Shopify for the data that is stored about them'],
  ['customers/merge', 'customers are merged in Shopify'],
]);

const gidPrefix = 'gid://shopify/Customer/';

const id = z.union([z.string().max(50), z.number()]);
const gid = z.string().max(100);

/** Any customer payload: `include_fields` of a subscription may cut anything off. */
const customerSchema = z.looseObject({ admin_graphql_api_id: gid.optional() });

/** https://shopify.dev/docs/api/webhooks/2026-07 has a sample of each. */
const personSchema = z.union([
  z.object({ customer: z.object({ id }) }).transform(({ customer }) => `customer ${customer.id}`),
  z.object({ id }).transform(({ id }) => `customer ${id}`),
  z
    .object({ admin_graphql_api_customer_kept_id: gid, admin_graphql_api_customer_deleted_id: gid })
    .transform((merge) => {
      const [deleted, kept] = [
        merge.admin_graphql_api_customer_deleted_id,
        merge.admin_graphql_api_customer_kept_id,
      ].map((name) => name.replace(gidPrefix, ''));
      return `customer ${deleted} into ${kept}`;
    }),
]);

/**
 * Shopify's webhooks. https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
 * `X-Shopify-Hmac-Sha256` is base64(HMAC-SHA256(client secret, raw body)); headers and time are not signed.
 */
export const shopify: SourceKind<Options> = {
  name: 'shopify',
  options: optionsSchema,
  mapping: 'mappings/shopify.jsonata',
  trusted: false,
  /** The whole record comes each time. */
  isSnapshot: () => true,
  headersRead: /^x-shopify-(topic|shop-domain|test)$/,
  changesSince,
  subscription,

  verify({ headers, body }, { keys }) {
    const given = headers.get('x-shopify-hmac-sha256') ?? '';
    return equalsOneOf(
      given,
      keys.map(({ bytes }) => hmacSha256(bytes, body).toString('base64')),
    );
  },

  read({ headers, body }, { shop }) {
    const topic = headers.get('x-shopify-topic') ?? '';
    if (shop !== undefined && headers.get('x-shopify-shop-domain')?.toLowerCase() !== shop) {
      const reason = 'a webhook of another shop than options.shop';
      return { id: hash('sha256', body), topic, content: { type: 'ignored', reason } };
    }
    const content = contentOf(topic, headers, body);
    return { id: signedBodyId(topic, content, body), topic, content };
  },
};

function contentOf(topic: string, headers: Headers, body: Uint8Array): DeliveryContent {
  if (headers.get('x-shopify-test') === 'true') return { type: 'ignored', reason: 'a test webhook' };
  const happened = topicsForAPerson.get(topic);
  if (happened) {
    const who = personSchema.safeParse(parseJson(body));
    return { type: 'for-a-person', reason: who.success ? `${happened}: ${who.data}` : happened };
  }
  if (!customerTopics.has(topic)) {
    return { type: 'ignored', reason: topic ? 'not a topic about customer data' : 'no topic' };
  }
  const customer = customerSchema.safeParse(parseJson(body));
  if (!customer.success) throw new MalformedDelivery('The body must be a customer of Shopify.');
  // The topic is not signed. The body is, and it says what it is.
  if (customer.data.admin_graphql_api_id?.startsWith(gidPrefix) === false) {
    return { type: 'ignored', reason: 'not a customer, whatever the topic says' };
  }
  return { type: 'changes', payload: customer.data };
}
