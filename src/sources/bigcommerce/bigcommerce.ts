import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import { isSecret } from '../shared/shared-secret.ts';
import {
  standardHeader,
  standardIdHeader,
  verifyStandardWebhook,
} from '../shared/standard-webhooks-scheme.ts';
import { apiOf, readCustomer } from './api.ts';
import { changesSince } from './changes-since.ts';
import { customerEvent } from './customer-event.ts';
import { type Options, optionsSchema } from './options.ts';
import { subscription } from './subscription.ts';

const id = z.union([z.int().positive(), z.string().regex(/^[1-9]\d{0,19}$/)]).transform(String);

const eventSchema = z.object({
  scope: z.string().min(1).max(200),
  /** Absent in some of the vendor's samples. */
  created_at: z.number().optional(),
  producer: z.string().optional(),
  data: z.unknown(),
});
type Event = z.infer<typeof eventSchema>;

const customerDataSchema = z.object({ id });
const addressDataSchema = z.object({ id, address: z.object({ customer_id: id }) });

const recordSchema = z.object({
  scope: z.string(),
  customer: z.string(),
  created_at: z.number().exactOptional(),
});

const addressScope = 'store/customer/address/';

/** One page of the vendor's spells it `update`. */
const scopes: ReadonlySet<string> = new Set([
  'store/customer/created',
  'store/customer/updated',
  `${addressScope}created`,
  `${addressScope}updated`,
  `${addressScope}update`,
]);

/**
 * BigCommerce's webhooks: they name the customer, who is read when the event is applied.
 * https://developer.bigcommerce.com/docs/integrations/webhooks
 * A header that was given when the hook was made, or Standard Webhooks keyed with the bytes of the app's client secret.
 */
export const bigcommerce: SourceKind<Options> = {
  name: 'bigcommerce',
  options: optionsSchema,
  mapping: 'mappings/bigcommerce.jsonata',
  trusted: false,
  /** The whole record comes each time. */
  isSnapshot: () => true,
  headersRead: standardIdHeader,
  changesSince,
  subscription,

  signsTime: ({ authentication }) => authentication !== 'header',

  verify({ headers, body }, { options, keys, now }) {
    if (options.authentication === 'header') return isSecret(headers.get(options.header), keys);
    return verifyStandardWebhook(headers, body, keys, now);
  },

  read({ headers, body }, options) {
    const event = eventSchema.safeParse(parseJson(body)).data;
    if (!event) throw new MalformedDelivery('The body must be an event of BigCommerce.');
    const bodyHash = hash('sha256', body);
    // Without an id, two edits within a second look the same: the record is read for each of them.
    const id = `${standardHeader(headers, 'id') ?? randomUUID()}:${bodyHash}`;
    return { id, topic: event.scope, content: contentOf(event, options) };
  },

  // "HTTP 200", and better without a body.
  acknowledge: () => ({ status: 200 }),

  async fetch(record, context) {
    const { options } = context;
    const { customer: customerId, ...event } = recordSchema.parse(record);
    const api = await apiOf(context);
    const read = await readCustomer(api, customerId);
    if (read.type !== 'found') return read;
    const { addresses } = read.value;
    if (addresses.length > 1 && event.scope.startsWith(addressScope) && options.severalAddresses === 'park') {
      const reason = `an address changed, and customer ${customerId} has several: see options.severalAddresses`;
      return { type: 'for-a-person', reason };
    }
    return customerEvent(event, read.value, api);
  },
};

function contentOf({ scope, created_at, producer, data }: Event, { storeHash }: Options): DeliveryContent {
  if (producer !== undefined && producer !== `stores/${storeHash}`) {
    return { type: 'ignored', reason: 'an event of another store than options.storeHash' };
  }
  const isAddress = scope.startsWith(addressScope);
  const address = addressDataSchema.safeParse(data).data;
  const customer = isAddress ? address?.address.customer_id : customerDataSchema.safeParse(data).data?.id;

  if (scope === 'store/customer/deleted') {
    return { type: 'for-a-person', reason: `customer ${customer ?? '?'} was deleted in BigCommerce` };
  }
  if (scope === `${addressScope}deleted`) {
    const which = `address ${address?.id ?? '?'} of customer ${customer ?? '?'}`;
    return { type: 'for-a-person', reason: `${which} was deleted in BigCommerce` };
  }
  if (!scopes.has(scope)) return { type: 'ignored', reason: "not an event about a customer's data" };
  // Not a 400: after two days of them BigCommerce would switch the hook off.
  if (!customer) return { type: 'for-a-person', reason: `${scope} without the id of a customer` };
  const record = { scope, customer, ...(created_at !== undefined && { created_at }) };
  return { type: 'items', items: [{ record }] };
}
