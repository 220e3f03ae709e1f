import * as z from 'zod';
import type { Fetched } from '../kind.ts';
import { getRecord } from '../shared/get-record.ts';

/** A store's API and how to call it. */
interface BigCommerceApi {
  readonly baseUrl: string;
  readonly storeHash: string;
  readonly token: string;
  /** Deadline of one call, in ms. */
  readonly timeoutMs: number;
}

/** What a call came to: what was asked for, or why it is not there. */
type ApiRead<Found> = { readonly type: 'found'; readonly value: Found } | Exclude<Fetched, { type: 'found' }>;

const answerSchema = z.object({ data: z.array(z.unknown()) });

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

const customerSchema = z.looseObject({
  id: z.number(),
  addresses: listOf(z.unknown()),
  attributes: listOf(attributeSchema),
  attribute_count: z.number().nullish(),
});

/** A customer of the API with addresses, attributes and form fields, at most ten of each. */
export type Customer = z.infer<typeof customerSchema>;

/** Reads a customer; `gone`: the store has none with this id. Never rejects. */
export async function readCustomer(api: BigCommerceApi, customerId: string): Promise<ApiRead<Customer>> {
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

/** One page of a list: `GET /stores/{hash}/v3/…`. */
async function list(
  { baseUrl, storeHash, token, timeoutMs }: BigCommerceApi,
  path: string,
): Promise<ApiRead<readonly unknown[]>> {
  const url = new URL(`${baseUrl}/stores/${storeHash}/v3/${path}`);
  const read = await getRecord({ url, headers: { 'X-Auth-Token': token }, timeoutMs });
  // A list that is not found is a wrong address: one without entries is an empty list.
  if (read.type === 'gone') return { type: 'refused-by-vendor' };
  if (read.type !== 'found') return read;
  const answer = answerSchema.safeParse(read.payload).data;
  return answer ? { type: 'found', value: answer.data } : { type: 'unavailable' };
}
