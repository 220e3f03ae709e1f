import * as z from 'zod';
import type { ChangesSince, PageOfChanges, ReadCustomer } from '../changes-since.ts';
import type { FetchContext } from '../fetch-context.ts';
import { callVendor, failureOf, type VendorAnswer } from '../shared/call-vendor.ts';
import { isBefore } from '../shared/is-before.ts';
import { type ContactChanges, customerIdOf, propertiesOf, recordSchema, snapshotOf } from './contact.ts';
import { type Options, propertiesRead } from './options.ts';

/** HubSpot's limits of a page: of a search, of the list. */
const searchPage = 200;
const listPage = 100;

/** `after`: the id of the last contact of the page before, or what the list says comes next. `last`: that id. */
const placeSchema = z.strictObject({ after: z.string().max(1000), last: z.string().max(20) });
type Place = z.infer<typeof placeSchema>;

const contactSchema = recordSchema.extend({ updatedAt: z.iso.datetime({ offset: true }) });
type Contact = z.infer<typeof contactSchema>;

const answerSchema = z.looseObject({
  results: z.array(contactSchema),
  paging: z.looseObject({ next: z.looseObject({ after: z.string() }).nullish() }).nullish(),
});

/**
 * Contacts that changed: the search, by `lastmodifieddate`, in the order of ids. It answers 10,000 contacts of a query at the
 * most, so each page asks for the ids after the last one. All contacts: the list, which has no such limit.
 * https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm
 */
export const changesSince: ChangesSince<Options> = {
  // The search is behind the writes, by how much is not documented.
  lookBackMs: 10 * 60_000,

  async read(window, context): Promise<PageOfChanges> {
    const place = placeSchema.safeParse(window.at).data;
    const { since } = window;
    const answer = await (since ? search(since, window.until, place, context) : list(place, context));
    const read = answer?.status === 200 ? answerSchema.safeParse(answer.payload).data : undefined;
    if (!read) return failureOf(answer);

    const customers = read.results.map((record) => customerOf(record, context.options));
    if (customers.some(({ changedAt }) => isBefore(window, changedAt)))
      return { type: 'not-told', reason: 'HubSpot did not apply the filter by lastmodifieddate' };
    if (since && !isAscending([...(place ? [place.last] : []), ...read.results.map(({ id }) => id)]))
      return { type: 'not-told', reason: 'HubSpot did not filter and sort by hs_object_id' };
    const last = read.results.at(-1)?.id;
    const after = since ? last : read.paging?.next?.after;
    // The list: the same contact again means that there is no other one.
    const isLast = !read.paging?.next || !last || !after || last === place?.last;
    return { type: 'page', customers, ...(!isLast && { next: { after, last } }) };
  },
};

/** The order by id is what makes a page begin where the one before ended. */
async function search(
  since: Date,
  until: Date,
  place: Place | undefined,
  { options, secret, timeoutMs }: FetchContext<Options>,
): Promise<VendorAnswer | undefined> {
  const changed = (operator: string, time: Date) => ({
    propertyName: 'lastmodifieddate',
    operator,
    value: String(time.getTime()),
  });
  const filters = [
    changed('GTE', since),
    changed('LTE', until),
    ...(place ? [{ propertyName: 'hs_object_id', operator: 'GT', value: place.after }] : []),
  ];
  return callVendor({
    url: new URL(`${options.baseUrl}/crm/v3/objects/contacts/search`),
    headers: { Authorization: `Bearer ${await secret(options.tokenSecret)}` },
    timeoutMs,
    body: {
      filterGroups: [{ filters }],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      properties: propertiesWithTime(options),
      limit: searchPage,
    },
  });
}

async function list(
  place: Place | undefined,
  { options, secret, timeoutMs }: FetchContext<Options>,
): Promise<VendorAnswer | undefined> {
  const url = new URL(`${options.baseUrl}/crm/v3/objects/contacts`);
  url.searchParams.set('limit', String(listPage));
  url.searchParams.set('properties', propertiesWithTime(options).join());
  if (place) url.searchParams.set('after', place.after);
  const token = await secret(options.tokenSecret);
  return callVendor({ url, headers: { Authorization: `Bearer ${token}` }, timeoutMs });
}

const propertiesWithTime = (options: Options): string[] => [...propertiesRead(options), 'lastmodifieddate'];

/** Else the page after this one would leave contacts out. */
const isAscending = (ids: readonly string[]): boolean =>
  ids.every((id, index) => index === 0 || BigInt(ids[index - 1] ?? 0) < BigInt(id));

/** Nobody says which of its properties changed. */
function customerOf(contact: Contact, options: Options): ReadCustomer {
  const { id, updatedAt } = contact;
  const properties = propertiesOf(contact);
  const modified = Date.parse(properties.lastmodifieddate ?? '');
  const changedAt = new Date(Number.isNaN(modified) ? updatedAt : modified);
  const customerId = customerIdOf(properties, options);
  const payload: ContactChanges = {
    contact: id,
    ...(customerId && { customerId }),
    properties,
    changes: snapshotOf(properties, () => changedAt.getTime()),
  };
  return { recordId: id, changedAt: changedAt.toISOString(), payload };
}
