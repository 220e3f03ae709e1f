import * as z from 'zod';
import type { ChangesSince, PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import type { FetchContext } from '../fetch-context.ts';
import { filterIgnored, otherForm, withoutApi } from '../shared/not-told.ts';
import { askShopify } from './api.ts';
import type { Options } from './options.ts';
import {
  type Customer,
  customerFields,
  customerSchema,
  type Metafield,
  metafieldFields,
  metafieldsSchema,
  webhookForm,
} from './webhook-form.ts';

/** As many as the shipped mapping knows, and a few more: what a page costs is counted by it. */
const metafieldsAsked = 40;

/** Where the next page begins. Pages by cursor end after 25,000 customers, and a cursor does not say when it ends. */
const placeSchema = z.object({ fromId: z.string().regex(/^\d{1,20}$/) });

const pageSchema = z.object({
  customers: z.object({ nodes: z.array(z.unknown()), pageInfo: z.object({ hasNextPage: z.boolean() }) }),
});

/**
 * Customers by `updatedAt`, in the order of their ids: so a customer who changes while the pages are read moves nobody
 * else. https://shopify.dev/docs/api/admin-graphql/latest/queries/customers
 */
export const changesSince: ChangesSince<Options> = {
  // The filter asks a search index, whose delay is not documented.
  lookBackMs: 10 * 60_000,

  async read(window, context) {
    const { api } = context.options;
    if (!api) return withoutApi;
    const place = placeSchema.safeParse(window.at).data ?? { fromId: '0' };
    const answer = await askShopify(
      documentFor(api.metafieldNamespaces),
      {
        first: api.pageSize,
        query: filterOf(window, place.fromId),
        ...namespacesOf(api.metafieldNamespaces),
      },
      context,
    );
    if (answer.type !== 'data') return answer;
    const page = pageSchema.safeParse(answer.data).data?.customers;
    const customers = z.array(customerSchema).safeParse(page?.nodes).data;
    if (!page || !customers) return otherForm;
    if (!areAskedFor(customers, window, place.fromId)) return filterIgnored;
    const read: ReadCustomer[] = [];
    for (const customer of customers) {
      const metafields = await metafieldsOf(customer, context);
      if (!isList(metafields)) return metafields;
      const { legacyResourceId: recordId, updatedAt: changedAt } = customer;
      read.push({ recordId, changedAt, payload: webhookForm(customer, metafields) });
    }
    const last = read.at(-1)?.recordId;
    const isLast = last === undefined || !page.pageInfo.hasNextPage;
    const next = isLast ? {} : { next: { fromId: String(BigInt(last) + 1n) } };
    return { type: 'page', customers: read, ...next };
  },
};

const documentFor = (namespaces: readonly string[]): string => `
query customersChanged($first: Int!, $query: String!, ${namespaces.map((_, n) => `$namespace${n}: String!`).join(', ')}) {
  customers(first: $first, query: $query, sortKey: ID) {
    nodes { ${customerFields}
      ${namespaces.map((_, n) => `metafields${n}: metafields(first: ${metafieldsAsked}, namespace: $namespace${n}) { ${metafieldFields} }`).join('\n      ')}
    }
    pageInfo { hasNextPage }
  }
}`;

const namespacesOf = (namespaces: readonly string[]): Record<string, string> =>
  Object.fromEntries(namespaces.map((namespace, n) => [`namespace${n}`, namespace]));

/** https://shopify.dev/docs/api/usage/search-syntax: terms side by side must all hold. Times in whole seconds. */
function filterOf({ since, until }: Window, fromId: string): string {
  const bounds = [
    ...(since ? [`updated_at:>='${seconds(since)}'`] : []),
    `updated_at:<='${seconds(until)}'`,
    `id:>=${fromId}`,
  ];
  return bounds.join(' ');
}

const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

/**
 * Whether customers are what was asked for, in the order that was asked for. Who has changed since the index was written may be
 * newer than the window, and is taken as it is now.
 */
function areAskedFor(customers: readonly Customer[], { since }: Window, fromId: string): boolean {
  const earliest = since ? Math.floor(since.getTime() / 1000) * 1000 : 0;
  let least = BigInt(fromId);
  return customers.every(({ updatedAt, legacyResourceId }) => {
    const id = BigInt(legacyResourceId);
    const isInOrder = id >= least;
    least = id + 1n;
    return isInOrder && Date.parse(updatedAt) >= earliest;
  });
}

/** Metafields, or why they are not there. */
type MetafieldsRead = readonly Metafield[] | Exclude<PageOfChanges, { type: 'page' }>;

const isList = (read: MetafieldsRead): read is readonly Metafield[] => Array.isArray(read);

async function metafieldsOf(customer: Customer, context: FetchContext<Options>): Promise<MetafieldsRead> {
  const all: Metafield[] = [];
  for (const [n, namespace] of (context.options.api?.metafieldNamespaces ?? []).entries()) {
    const listed = metafieldsSchema.safeParse(customer[`metafields${n}`]).data;
    if (!listed) return otherForm;
    const { hasNextPage } = listed.pageInfo;
    const read = hasNextPage ? await allMetafields(customer.id, namespace, context) : listed.nodes;
    if (!isList(read)) return read;
    all.push(...read);
  }
  return all;
}

const metafieldsOfOne = `
query metafieldsOf($id: ID!, $namespace: String!) {
  customer(id: $id) { metafields(first: 250, namespace: $namespace) { ${metafieldFields} } }
}`;

/** The metafields of a customer who has more than a page of customers asks for: up to 250 of a namespace. */
async function allMetafields(
  id: string,
  namespace: string,
  context: FetchContext<Options>,
): Promise<MetafieldsRead> {
  const answer = await askShopify(metafieldsOfOne, { id, namespace }, context);
  if (answer.type !== 'data') return answer;
  const read = z
    .object({ customer: z.object({ metafields: metafieldsSchema }).nullable() })
    .safeParse(answer.data).data;
  // Deleted since the page was read: no metafields, and the page's own stand for it no more.
  return read ? (read.customer?.metafields.nodes ?? []) : otherForm;
}
