import * as z from 'zod';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf } from '../shared/call-vendor.ts';
import type { Options } from './options.ts';

/** A store's API and how to call it. */
export interface BigCommerceApi {
  readonly options: Options;
  readonly token: string;
  /** Deadline of one call, in ms. */
  readonly timeoutMs: number;
}

/** What a call came to: what was asked for, or why it is not there. */
type ApiRead<Found> = { readonly type: 'found'; readonly value: Found } | VendorFailure;

const answerSchema = z.object({
  data: z.array(z.unknown()),
  meta: z
    .object({
      pagination: z.object({ total: z.int(), current_page: z.int(), total_pages: z.int() }).optional(),
    })
    .optional()
    .catch(undefined),
});

/** A value is always text, says the vendor; a number would do. */
const attributeSchema = z.looseObject({
  attribute_id: z.number(),
  attribute_value: z.union([z.string(), z.number()]).nullish(),
});
type Attribute = z.infer<typeof attributeSchema>;

/** A list without entries may be missing. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

export const customerSchema = z.looseObject({
  id: z.number(),
  addresses: listOf(z.unknown()),
  attributes: listOf(attributeSchema),
  attribute_count: z.number().nullish(),
});

/** A customer of the API with addresses, attributes and form fields, at most ten of each. */
export type Customer = z.infer<typeof customerSchema>;

/** Reads a customer; `gone`: the store has none with this id. Never rejects. */
export async function readCustomer(
  api: BigCommerceApi,
  customerId: string,
): Promise<ApiRead<Customer> | { readonly type: 'gone' }> {
  const read = await list(api, `customers?id:in=${customerId}&include=addresses,attributes,formfields`);
  if (read.type !== 'found') return read;
  const [first] = read.value;
  if (first === undefined) return { type: 'gone' };
  const customer = customerSchema.safeParse(first).data;
  // The answer is not from BigCommerce, or is the record of another customer.
  if (String(customer?.id) !== customerId || !customer) return { type: 'unavailable' };
  return { type: 'found', value: customer };
}

/** Reads the value of a customer's attribute; "" if there is none. Never rejects. */
export async function readAttribute(
  api: BigCommerceApi,
  customer: Customer,
  attributeId: number,
): Promise<ApiRead<string>> {
  const { id, attributes, attribute_count } = customer;
  const isAsked = ({ attribute_id }: Attribute) => attribute_id === attributeId;
  const attribute = attributes.find(isAsked);
  // The list holds at most ten: an attribute is missing only where the count says that the list is complete.
  if (attribute || attribute_count === attributes.length) return { type: 'found', value: textOf(attribute) };

  const query = `customer_id:in=${id}&attribute_id:in=${attributeId}`;
  const read = await list(api, `customers/attribute-values?${query}`);
  if (read.type !== 'found') return read;
  const values = z.array(attributeSchema.extend({ customer_id: z.literal(id) })).safeParse(read.value).data;
  return values ? { type: 'found', value: textOf(values.find(isAsked)) } : { type: 'unavailable' };
}

function textOf(attribute: Attribute | undefined): string {
  return String(attribute?.attribute_value ?? '').trim();
}

/** The API of a source's store. Rejects as reading a secret does. */
export async function apiOf({ options, secret, timeoutMs }: FetchContext<Options>): Promise<BigCommerceApi> {
  return { options, token: await secret(options.tokenSecret), timeoutMs };
}

async function list(api: BigCommerceApi, path: string): Promise<ApiRead<readonly unknown[]>> {
  const read = await readList(api, path);
  return read.type === 'list' ? { type: 'found', value: read.data } : read;
}

/** One page of a list, or why it is not there. */
export type ListRead =
  | {
      readonly type: 'list';
      readonly data: readonly unknown[];
      readonly hasMore: boolean;
      readonly total?: number;
    }
  | VendorFailure;

/** One page of a list: `GET /stores/{hash}/v3/…`. Never rejects. */
export async function readList(api: BigCommerceApi, path: string): Promise<ListRead> {
  const answer = await askBigCommerce(api, path);
  if ('type' in answer) return answer;
  const said = answerSchema.safeParse(answer.payload).data;
  if (!said) return { type: 'unavailable' };
  const pages = said.meta?.pagination;
  const hasMore = pages ? pages.current_page < pages.total_pages : said.data.length > 0;
  return { type: 'list', data: said.data, hasMore, ...(pages && { total: pages.total }) };
}

/** What is written, and how. */
interface Writing {
  readonly method?: 'PUT';
  readonly body: object;
}

/**
 * Calls the store's API at a path after `/stores/{hash}/v3/`. Nothing there is a wrong address: a list without entries is an
 * empty list. Never rejects. https://developer.bigcommerce.com/docs/start/best-practices/api-rate-limits
 */
export async function askBigCommerce(
  { options, token, timeoutMs }: BigCommerceApi,
  path: string,
  writing?: Writing,
): Promise<{ readonly payload: unknown } | VendorFailure> {
  const answer = await callVendor({
    url: new URL(`${options.baseUrl}/stores/${options.storeHash}/v3/${path}`),
    headers: { 'X-Auth-Token': token },
    timeoutMs,
    ...writing,
  });
  if (answer?.status === 200 || answer?.status === 201)
    return answer.payload === undefined ? failureOf(answer) : { payload: answer.payload };
  const failure = failureOf(answer);
  // Without this header it is the platform that has too much to do.
  const reset = /^\d{1,7}$/.exec(answer?.headers.get('x-rate-limit-time-reset-ms') ?? '')?.[0];
  const isThrottled = failure.type === 'unavailable' && failure.status === 429 && reset !== undefined;
  return isThrottled ? { ...failure, retryAfterMs: Number(reset) } : failure;
}
