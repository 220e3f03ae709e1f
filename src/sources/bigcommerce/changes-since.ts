import * as z from 'zod';
import type { ChangesSince, ReadCustomer } from '../changes-since.ts';
import type { VendorFailure } from '../fetch-context.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { boundsOf, type ListPage, type Place, placeOf, takePage } from '../shared/walk-by-time.ts';
import { apiOf, type BigCommerceApi, type Customer, customerSchema, type ListRead, readList } from './api.ts';
import { customerEvent } from './customer-event.ts';
import type { Options } from './options.ts';

const rowSchema = customerSchema.extend({ date_modified: z.iso.datetime({ offset: true }) });
interface CustomerRow {
  readonly recordId: string;
  readonly changedAt: string;
  readonly customer: Customer;
}

/**
 * Customers by `date_modified`. https://developer.bigcommerce.com/docs/rest-management/customers
 * Whether the bounds are included is not documented: they are asked for a second wider.
 */
export const changesSince: ChangesSince<Options> = {
  lookBackMs: 2 * 60_000,

  async read(window, context) {
    const api = await apiOf(context);
    const place = placeOf(window);
    const read = await readList(api, pathFor(place, window.until, api.options.pageSize));
    if (read.type !== 'list') return read;
    const page = pageOf(read);
    if (!page) return otherForm;
    const taken = takePage(place, page, window.until);
    if (!taken) return filterIgnored;
    const customers: ReadCustomer[] = [];
    for (const row of taken.fresh) {
      const customer = await payloadOf(row, api);
      if ('type' in customer) return customer;
      customers.push(customer);
    }
    return { type: 'page', customers, ...(taken.next && { next: { ...taken.next } }) };
  },
};

/** Times in UTC: of which zone one without an offset would be is not documented. */
function pathFor(place: Place, end: Date, limit: number): string {
  const { from, until } = boundsOf(place, end);
  const query = new URLSearchParams({
    ...(from !== undefined && { 'date_modified:min': from }),
    'date_modified:max': until,
    sort: 'date_modified:asc',
    include: 'addresses,attributes,formfields',
    limit: String(limit),
    page: String(place.page),
  });
  return `customers?${query}`;
}

function pageOf({
  data,
  hasMore,
  total,
}: Extract<ListRead, { type: 'list' }>): ListPage<CustomerRow> | undefined {
  const customers = z.array(rowSchema).safeParse(data).data;
  return (
    customers && {
      rows: customers.map((customer) => ({
        recordId: String(customer.id),
        changedAt: customer.date_modified,
        customer,
      })),
      hasMore,
      ...(total !== undefined && { total }),
    }
  );
}

/** As of a new customer, everything that BigCommerce has is taken: nobody says what of it has changed. */
async function payloadOf(
  { customer, recordId, changedAt }: CustomerRow,
  api: BigCommerceApi,
): Promise<ReadCustomer | VendorFailure> {
  const event = await customerEvent({ scope: 'store/customer/created' }, customer, api);
  return event.type === 'found' ? { recordId, changedAt, payload: event.payload } : event;
}
