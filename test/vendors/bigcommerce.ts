import sample from '../fixtures/bigcommerce/customers.response.json' with { type: 'json' };
import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

interface Attribute {
  readonly attribute_id: number;
  readonly attribute_value: string;
}

/** A customer as the API has it, with all attributes. */
export interface BigCustomer {
  readonly id: number;
  readonly date_modified: string;
  readonly attributes: readonly Attribute[];
  readonly [name: string]: unknown;
}

export interface BigHook {
  readonly id: number;
  readonly scope: string;
  readonly destination: string;
  readonly is_active: boolean;
  readonly headers?: Readonly<Record<string, string>> | null;
}

/** Maria, as she is in the fixture of the API's answer, or with changes. */
export function bigCustomer(id: number, changes: object = {}): BigCustomer {
  const [maria] = sample.data;
  if (!maria) throw new Error('the sample is empty');
  return { ...maria, id, ...changes };
}

export type BigStandIn = StandIn<BigCustomer, BigHook>;

/**
 * The API of the store `abc123xyz`. Bounds of times are not included, which is the narrower of the two readings of its
 * documentation. https://developer.bigcommerce.com/docs/rest-management/customers
 */
export async function startBigCommerceApi(
  startsWith: StartsWith<BigCustomer, BigHook> = {},
): Promise<BigStandIn> {
  return startStandIn(startsWith, ({ method, url, headers, body }, api): Answer | undefined => {
    const { pathname, searchParams: query } = new URL(url, 'http://localhost');
    const [, path] = /^\/stores\/abc123xyz\/v3\/(.+)$/.exec(pathname) ?? [];
    if (!api.tokens.has(String(headers['x-auth-token']))) return { status: 401, body: {} };
    if (path === 'customers') return customersAnswer(query, api);
    if (path === 'customers/attribute-values') return attributesAnswer(query, api);
    const [, hook] = /^hooks(?:\/(\d+))?$/.exec(path ?? '') ?? [];
    if (!path?.startsWith('hooks')) return undefined;
    return method === 'GET'
      ? page([...api.subscriptions.values()], query)
      : writeHook(hook, JSON.parse(body), api);
  });
}

/** A page of a list, with what BigCommerce says of the rest. */
function page(all: readonly object[], query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? 50);
  const number = Number(query.get('page') ?? 1);
  if (limit > 250) return { status: 422, body: { title: 'limit' } };
  const data = all.slice((number - 1) * limit, number * limit);
  const pages = { total: all.length, count: data.length, per_page: limit, current_page: number };
  const pagination = { ...pages, total_pages: Math.ceil(all.length / limit) };
  return { body: { data, meta: { pagination } } };
}

function customersAnswer(query: URLSearchParams, api: BigStandIn): Answer {
  api.beforePage?.();
  const after = Date.parse(query.get('date_modified:min') ?? '1970-01-01');
  const before = Date.parse(query.get('date_modified:max') ?? '9999-01-01');
  const id = query.get('id:in');
  const modified = ({ date_modified }: BigCustomer) => Date.parse(date_modified);
  const found = [...api.customers.values()]
    .filter((customer) => id === null || String(customer.id) === id)
    .filter((customer) => modified(customer) > after && modified(customer) < before);
  if (query.get('sort') === 'date_modified:asc') found.sort((a, b) => modified(a) - modified(b));
  const listed = found.map((customer) => ({
    ...customer,
    attributes: customer.attributes.slice(0, 10),
    attribute_count: customer.attributes.length,
  }));
  return page(listed, query);
}

function attributesAnswer(query: URLSearchParams, { customers }: BigStandIn): Answer {
  const customer = customers.get(query.get('customer_id:in') ?? '');
  const asked = Number(query.get('attribute_id:in'));
  const values = customer?.attributes.filter(({ attribute_id }) => attribute_id === asked) ?? [];
  return page(
    values.map((value) => ({ ...value, customer_id: customer?.id })),
    query,
  );
}

function writeHook(id: string | undefined, given: Partial<BigHook>, { subscriptions }: BigStandIn): Answer {
  const held = id === undefined ? undefined : subscriptions.get(id);
  if (id !== undefined && !held) return { status: 404, body: {} };
  const number = held?.id ?? subscriptions.size + 1;
  const hook = { scope: '', destination: '', is_active: true, ...held, ...given, id: number };
  subscriptions.set(String(number), hook);
  return { body: { data: hook, meta: {} } };
}
