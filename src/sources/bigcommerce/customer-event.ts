import type { JsonValue } from '../../lib/json.ts';
import type { VendorFailure } from '../fetch-context.ts';
import { type BigCommerceApi, type Customer, readAttribute } from './api.ts';

/** What happened, as far as the mapping wants to know. */
export interface Happened {
  readonly scope: string;
  /** Unix seconds: when it happened. */
  readonly created_at?: number;
}

/** What mappings of BigCommerce sources get: what happened, and the customer's current record. */
interface CustomerEvent extends Happened {
  /** The value of the attribute that holds the DirectScale id. */
  readonly customerId?: string;
  /** The address that stands for the customer's own, where it is known which. */
  readonly address?: unknown;
  readonly customer: Customer;
}

/** The payload for the mapping; asks once more for a DirectScale id that is not among a customer's first ten attributes. */
export async function customerEvent(
  happened: Happened,
  customer: Customer,
  api: BigCommerceApi,
): Promise<{ readonly type: 'found'; readonly payload: JsonValue } | VendorFailure> {
  const { idAttribute, severalAddresses } = api.options;
  const { addresses } = customer;
  const address = addresses.length === 1 || severalAddresses === 'first' ? addresses[0] : undefined;
  const found =
    idAttribute === undefined
      ? { type: 'found' as const, value: '' }
      : await readAttribute(api, customer, idAttribute);
  if (found.type !== 'found') return found;
  const payload: CustomerEvent = {
    ...happened,
    ...(found.value && { customerId: found.value }),
    ...(address !== undefined && { address }),
    customer,
  };
  return { type: 'found', payload: payload as unknown as JsonValue }; // made of JSON
}
