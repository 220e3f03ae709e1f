import * as z from 'zod';
import type { JsonValue } from '../../lib/json.ts';

const text = z.string().nullish();

const addressSchema = z.object({
  firstName: text,
  lastName: text,
  company: text,
  address1: text,
  address2: text,
  city: text,
  province: text,
  provinceCode: text,
  country: text,
  countryCodeV2: text,
  zip: text,
  phone: text,
});

const metafieldSchema = z.object({
  namespace: z.string(),
  key: z.string(),
  value: z.string(),
  type: z.string(),
});
export type Metafield = z.infer<typeof metafieldSchema>;

/** Metafields of one namespace, and whether there are more. */
export const metafieldsSchema = z.object({
  nodes: z.array(metafieldSchema),
  pageInfo: z.object({ hasNextPage: z.boolean() }),
});

/** A customer of the GraphQL Admin API, as far as it is asked for. */
export const customerSchema = z.looseObject({
  id: z.string().startsWith('gid://shopify/Customer/'),
  legacyResourceId: z.string().regex(/^\d{1,20}$/),
  createdAt: text,
  updatedAt: z.iso.datetime({ offset: true }),
  firstName: text,
  lastName: text,
  defaultEmailAddress: z.object({ emailAddress: text }).nullish(),
  defaultPhoneNumber: z.object({ phoneNumber: text }).nullish(),
  defaultAddress: addressSchema.nullish(),
});
export type Customer = z.infer<typeof customerSchema>;

/** What the document of a query has to ask for. */
export const customerFields = `
  id legacyResourceId createdAt updatedAt firstName lastName
  defaultEmailAddress { emailAddress }
  defaultPhoneNumber { phoneNumber }
  defaultAddress {
    firstName lastName company address1 address2 city province provinceCode country countryCodeV2 zip phone
  }`;
export const metafieldFields = 'nodes { namespace key value type } pageInfo { hasNextPage }';

/**
 * A customer in the form of the webhook `customers/update`. Of the addresses only the default one is there. There are no
 * tags: webhooks of current versions have none, either, and storefront forms can set them.
 */
export function webhookForm(customer: Customer, metafields: readonly Metafield[]): JsonValue {
  const { legacyResourceId, defaultAddress } = customer;
  const id = Number(legacyResourceId);
  const address = defaultAddress && {
    first_name: defaultAddress.firstName ?? null,
    last_name: defaultAddress.lastName ?? null,
    company: defaultAddress.company ?? null,
    address1: defaultAddress.address1 ?? null,
    address2: defaultAddress.address2 ?? null,
    city: defaultAddress.city ?? null,
    province: defaultAddress.province ?? null,
    country: defaultAddress.country ?? null,
    zip: defaultAddress.zip ?? null,
    phone: defaultAddress.phone ?? null,
    province_code: defaultAddress.provinceCode ?? null,
    country_code: defaultAddress.countryCodeV2 ?? null,
    country_name: defaultAddress.country ?? null,
    default: true,
  };
  return {
    id: Number.isSafeInteger(id) ? id : legacyResourceId,
    admin_graphql_api_id: customer.id,
    created_at: customer.createdAt ?? null,
    updated_at: customer.updatedAt,
    first_name: customer.firstName ?? null,
    last_name: customer.lastName ?? null,
    email: customer.defaultEmailAddress?.emailAddress ?? null,
    phone: customer.defaultPhoneNumber?.phoneNumber ?? null,
    addresses: address ? [address] : [],
    ...(address && { default_address: address }),
    metafields: metafields.map((metafield) => ({ ...metafield })),
  };
}
