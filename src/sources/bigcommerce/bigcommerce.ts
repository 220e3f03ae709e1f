import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import { type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import { headerName, isSecret } from '../shared/shared-secret.ts';
import { verifyStandardWebhook } from '../shared/standard-webhooks-scheme.ts';
import { type Customer, readAttribute, readCustomer } from './api.ts';

const optionsSchema = z.strictObject({
  storeHash: z
    .string()
    .regex(/^[a-z0-9]{1,50}$/, { error: 'must be the store hash: lower-case letters and digits' })
    .describe('The store hash: what comes after "stores/" in the path of your API account.'),
  authentication: z
    .enum(['header', 'signature'])
    .default('header')
    .describe(
      "header: a header of your own that holds the secret. signature: signed with the app's client secret.",
    ),
  header: headerName.default('X-Relay-Key').describe('The name of the header that holds the secret.'),
  idAttribute: z
    .int()
    .positive()
    .optional()
    .describe('The id of the customer attribute that holds the DirectScale id.'),
  severalAddresses: z
    .enum(['park', 'first', 'ignore'])
    .default('park')
    .describe(
      'When an address of a customer with several changes: park for a person, take the first, or ignore it. BigCommerce does not say which is the default.',
    ),
  tokenSecret: z
    .string()
    .min(1)
    .default('bigcommerce-access-token')
    .describe('The name of the secret that holds the access token of the API account.'),
  baseUrl: apiAddress.default('https://api.bigcommerce.com').describe("The address of BigCommerce's API."),
});
type Options = z.infer<typeof optionsSchema>;

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

/** What mappings of BigCommerce sources get: what happened, and the customer's current record. */
interface CustomerEvent {
  readonly scope: string;
  /** Unix seconds: when it happened. */
  readonly created_at?: number;
  /** The value of the attribute that holds the DirectScale id. */
  readonly customerId?: string;
  /** The address that stands for the customer's own, where it is known which. */
  readonly address?: unknown;
  readonly customer: Customer;
}

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
  headersRead: /^webhook-id$/,

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
    const id = `${headers.get('webhook-id') ?? randomUUID()}:${bodyHash}`;
    return { id, topic: event.scope, content: contentOf(event, options) };
  },

  // "HTTP 200", and better without a body.
  acknowledge: () => ({ status: 200 }),

  async fetch(record, { options, secret, timeoutMs }) {
    const { customer: customerId, ...event } = recordSchema.parse(record);
    const api = { ...options, token: await secret(options.tokenSecret), timeoutMs };
    const read = await readCustomer(api, customerId);
    if (read.type !== 'found') return read;
    const { addresses } = read.value;
    if (addresses.length > 1 && event.scope.startsWith(addressScope) && options.severalAddresses === 'park') {
      const reason = `an address changed, and customer ${customerId} has several: see options.severalAddresses`;
      return { type: 'for-a-person', reason };
    }
    const [first] = addresses;
    const address = addresses.length === 1 || options.severalAddresses === 'first' ? first : undefined;

    const found =
      options.idAttribute === undefined
        ? { type: 'found' as const, value: '' }
        : await readAttribute(api, read.value, options.idAttribute);
    if (found.type !== 'found') return found;
    const payload: CustomerEvent = {
      ...event,
      ...(found.value && { customerId: found.value }),
      ...(address !== undefined && { address }),
      customer: read.value,
    };
    return { type: 'found', payload };
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
