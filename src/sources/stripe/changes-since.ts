import * as z from 'zod';
import type { JsonValue } from '../../lib/json.ts';
import type { ChangesSince, PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { type ListRead, readList } from './api.ts';
import { eventSchema } from './event.ts';
import type { Options } from './options.ts';

/** How long Stripe keeps events, in seconds. */
const eventsKept = 30 * 86_400;

const types = ['customer.created', 'customer.updated'];

/**
 * Where the next page begins: in which list of which account, after which of its entries. Lists begin with the newest, so what
 * is new moves nothing behind the reader.
 */
const placeSchema = z.object({
  /** Its place in the list of accounts that are read. */
  account: z.int().nonnegative(),
  list: z.enum(['customers', 'events']),
  /** Unix seconds: the newest that is asked for. */
  until: z.int(),
  after: z.object({ id: z.string(), created: z.int() }).exactOptional(),
});
type Place = z.infer<typeof placeSchema>;

const customerSchema = z.looseObject({
  id: z.string().min(1).max(255),
  object: z.literal('customer'),
  created: z.int(),
  livemode: z.boolean(),
});
const customerEventSchema = eventSchema.extend({
  created: z.int(),
  data: z.looseObject({ object: z.looseObject({ id: z.string().min(1).max(255) }) }),
});

/**
 * Stripe lists neither customers by change nor a time of change, but keeps its events for 30 days: they are what the webhooks
 * were. Of what is older all customers are read, as they are now, each as of the time when it was made: nobody knows how old its
 * values are, and a value that may be old overwrites none.
 * https://docs.stripe.com/api/events/list and https://docs.stripe.com/api/customers/list
 */
export const changesSince: ChangesSince<Options> = {
  lookBackMs: 2 * 60_000,
  reachesBackMs: () => eventsKept * 1000,

  async read(window, context) {
    const { options } = context;
    const accounts = [undefined, ...options.connectedAccounts];
    const place = placeSchema.safeParse(window.at).data ?? firstPlace(0, window);
    const account = accounts[place.account];
    const read = await readList(pathFor(place, window, options.api?.pageSize ?? 0), context, {
      ...(account && { account }),
    });
    if (read.type !== 'list') return withoutTheLast(place, read);
    const entries = place.list === 'events' ? eventsIn(read.data) : customersIn(read.data);
    if (!entries) return otherForm;
    if (entries.some(({ livemode }) => livemode !== options.livemode)) return otherMode;
    const since = place.list === 'events' ? eventsSince(window) : 0;
    if (entries.some(({ created }) => created < since || created > place.until)) return filterIgnored;

    const last = entries.at(-1);
    const next: Place | undefined =
      read.hasMore && last && last.id !== place.after?.id
        ? { ...place, after: { id: last.id, created: last.created } }
        : placeAfter(place, window, accounts.length);
    const customers = entries.map(({ customer }) => withAccount(customer, account));
    return {
      type: 'page',
      customers,
      ...(place.list === 'events' && { events: 'newest-first' }),
      ...(next && { next: { ...next } }),
    };
  },
};

const otherMode = {
  type: 'not-told',
  reason: 'the key of options.api is of another mode than options.livemode says',
} as const;

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);

/** From when on events are read, in Unix seconds. */
const eventsSince = ({ since, until }: Window): number =>
  Math.max(since ? seconds(since) : 0, seconds(until) - eventsKept);

function firstPlace(account: number, window: Window): Place {
  const isKept = window.since !== undefined && seconds(window.since) >= seconds(window.until) - eventsKept;
  const list = isKept && !window.isCompared ? 'events' : 'customers';
  return { account, list, until: seconds(window.until) };
}

/** After the customers the events, unless they are compared; after the events the next account. */
function placeAfter({ account, list }: Place, window: Window, accounts: number): Place | undefined {
  if (list === 'customers' && !window.isCompared)
    return { account, list: 'events', until: seconds(window.until) };
  return account + 1 < accounts ? firstPlace(account + 1, window) : undefined;
}

function pathFor({ list, until, after }: Place, window: Window, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit), 'created[lte]': String(until) });
  if (list === 'events') {
    query.set('created[gte]', String(eventsSince(window)));
    for (const type of types) query.append('types[]', type);
  }
  if (after) query.set('starting_after', after.id);
  return `${list}?${query}`;
}

/** What the last page ended with may be deleted by now: then the reader goes on from its time. */
function withoutTheLast(place: Place, read: Exclude<ListRead, { type: 'list' }>): PageOfChanges {
  const isUnknown = read.type === 'refused-by-vendor' && (read.status === 400 || read.status === 404);
  if (!place.after || !isUnknown) return read;
  const { after, ...rest } = place;
  return { type: 'page', customers: [], next: { ...rest, until: after.created } };
}

/** An entry of a list, as a customer. */
interface Entry {
  readonly id: string;
  readonly created: number;
  readonly livemode: boolean;
  readonly customer: ReadCustomer;
}

function eventsIn(data: readonly unknown[]): Entry[] | undefined {
  return z
    .array(customerEventSchema)
    .safeParse(data)
    .data?.map((event) => ({
      ...event,
      customer: {
        recordId: event.data.object.id,
        changedAt: new Date(event.created * 1000).toISOString(),
        payload: event as JsonValue, // out of JSON
      },
    }));
}

/** Each in the form of the event of a new customer, of which everything is taken. */
function customersIn(data: readonly unknown[]): Entry[] | undefined {
  return z
    .array(customerSchema)
    .safeParse(data)
    .data?.map((customer) => {
      const { id, created, livemode } = customer;
      const object = customer as JsonValue; // out of JSON
      const payload = { object: 'event', type: 'customer.created', created, livemode, data: { object } };
      return { id, created, livemode, customer: { recordId: id, payload } };
    });
}

function withAccount(customer: ReadCustomer, account: string | undefined): ReadCustomer {
  const { payload } = customer;
  if (account === undefined || typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return customer;
  return { ...customer, payload: { ...payload, account } };
}
