import { publicKey } from '../../fixtures/adobe-commerce/sender.ts';
import { adobeCustomer, startAdobeApi } from '../../vendors/adobe-commerce.ts';
import { bigCustomer, startBigCommerceApi } from '../../vendors/bigcommerce.ts';
import { mailchimpMember, startMailchimpApi } from '../../vendors/mailchimp.ts';
import { shopifyCustomer, startShopifyApi } from '../../vendors/shopify.ts';
import type { StandIn } from '../../vendors/stand-in.ts';
import { saveStripeCustomer, startStripeApi } from '../../vendors/stripe.ts';
import { startWooApi, wooCustomer } from '../../vendors/woocommerce.ts';

/** What a test saves in a shop. */
export interface Saved {
  /** Of the customer in DirectScale. */
  readonly customerId: string;
  readonly firstName: string;
  readonly at: Date;
}

/** A vendor's API on this machine, and how a source calls it. */
export interface Shop {
  readonly kind: string;
  readonly api: Pick<StandIn<unknown>, 'url' | 'tokens' | 'faults' | 'beforePage' | 'close'>;
  readonly options: object;
  /** What the vault must hold, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Saves the customer of this number, as somebody does in the shop: no webhook tells it. */
  save(number: number, saved: Saved): void;
  /** Makes the webhook with this address one that brings nothing, as the vendor does after failures. */
  breakWebhook(url: string): void;
}

const seconds = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

async function shopify(): Promise<Shop> {
  const api = await startShopifyApi();
  return {
    kind: 'shopify',
    api,
    options: {
      shop: 'example.myshopify.com',
      api: { tokenSecret: 'shopify-token', baseUrl: api.url, pageSize: 3 },
    },
    secrets: { 'shopify-token': 'a-token' },
    save(number, { customerId, firstName, at }) {
      const changes = { firstName, updatedAt: seconds(at), metafields: { customer_id: customerId } };
      api.customers.set(String(number), shopifyCustomer(String(number), changes));
    },
    breakWebhook(uri) {
      // It looks alive, but brings no DirectScale id.
      for (const topic of ['CUSTOMERS_UPDATE', 'CUSTOMERS_CREATE'])
        api.subscriptions.set(topic, { id: topic, topic, uri, format: 'JSON', metafieldNamespaces: [] });
    },
  };
}

async function woocommerce(): Promise<Shop> {
  const api = await startWooApi();
  return {
    kind: 'woocommerce',
    api,
    options: { api: { baseUrl: api.url, pageSize: 3 } },
    secrets: { 'woocommerce-consumer-key': 'ck_test', 'woocommerce-consumer-secret': 'cs_test' },
    save(number, { customerId, firstName, at }) {
      const meta_data = [{ id: 1, key: 'directscale_customer_id', value: customerId }];
      const changes = { first_name: firstName, date_modified_gmt: seconds(at).slice(0, -1), meta_data };
      api.customers.set(String(number), wooCustomer(number, changes));
    },
    breakWebhook(delivery_url) {
      api.subscriptions.set('1', { id: 1, status: 'disabled', topic: 'customer.updated', delivery_url });
    },
  };
}

async function bigcommerce(): Promise<Shop> {
  const api = await startBigCommerceApi();
  return {
    kind: 'bigcommerce',
    api,
    options: { storeHash: 'abc123xyz', idAttribute: 4, baseUrl: api.url, pageSize: 3 },
    secrets: { 'bigcommerce-access-token': 'a-token' },
    save(number, { customerId, firstName, at }) {
      const attributes = [{ attribute_id: 4, attribute_value: customerId }];
      const changes = { first_name: firstName, date_modified: seconds(at), attributes };
      api.customers.set(String(number), bigCustomer(number, changes));
    },
    breakWebhook(destination) {
      api.subscriptions.set('1', { id: 1, scope: 'store/customer/*', destination, is_active: false });
    },
  };
}

async function adobeCommerce(): Promise<Shop> {
  const api = await startAdobeApi();
  return {
    kind: 'adobe-commerce',
    api,
    options: {
      product: 'io-events',
      clientId: 'client-1',
      api: { authentication: 'bearer', baseUrl: `${api.url}/rest/all`, pageSize: 3 },
      ims: { scopes: 'openid,AdobeID', baseUrl: api.url },
      registrations: {
        organization: 'org-1',
        project: 'project-1',
        workspace: 'workspace-1',
        baseUrl: api.url,
      },
    },
    secrets: {
      'commerce-access-token': 'a-token',
      'adobe-client-secret': 'client-secret',
      'adobe-commerce-webhook-secret': publicKey,
    },
    save(number, { customerId, firstName, at }) {
      const custom_attributes = [{ attribute_code: 'directscale_customer_id', value: customerId }];
      const updated_at = seconds(at).replace('T', ' ').slice(0, -1);
      api.customers.set(
        String(number),
        adobeCustomer(number, { firstname: firstName, updated_at, custom_attributes }),
      );
    },
    breakWebhook(webhook_url) {
      api.subscriptions.set('one', {
        registration_id: 'one',
        name: 'Relay',
        client_id: 'client-1',
        webhook_url,
        delivery_type: 'webhook',
        enabled: false,
        events_of_interest: [
          { provider_id: 'p', event_code: 'com.adobe.commerce.observer.customer_save_commit_after' },
        ],
      });
    },
  };
}

async function mailchimp(): Promise<Shop> {
  const api = await startMailchimpApi();
  return {
    kind: 'mailchimp',
    api,
    options: { api: { baseUrl: api.url, audience: 'c0ffee5da1', pageSize: 3 } },
    secrets: { 'mailchimp-api-key': 'a-token' },
    save(number, { customerId, firstName, at }) {
      const merge_fields = { FNAME: firstName, DSID: customerId };
      const changes = { email_address: `c${number}@example.com`, merge_fields, last_changed: seconds(at) };
      api.customers.set(`c${number}`, mailchimpMember(`c${number}`, changes));
    },
    breakWebhook(url) {
      const sources = { user: true, admin: true, api: false };
      api.subscriptions.set('one', { id: 'one', url, events: { profile: false, upemail: true }, sources });
    },
  };
}

async function stripe(): Promise<Shop> {
  const api = await startStripeApi();
  return {
    kind: 'stripe',
    api,
    options: { api: { baseUrl: api.url, pageSize: 3 } },
    secrets: { 'stripe-restricted-key': 'a-token' },
    save(number, { customerId, firstName, at }) {
      const metadata = { directscale_customer_id: customerId, directscale_first_name: firstName };
      saveStripeCustomer(api, `cus_${number}`, { metadata }, Math.floor(at.getTime() / 1000));
    },
    breakWebhook(url) {
      api.subscriptions.set('we_1', { id: 'we_1', url, status: 'disabled', enabled_events: ['*'] });
    },
  };
}

/** Starts the APIs of all vendors from which shops are read. */
export const startShops = (): Promise<Shop[]> =>
  Promise.all([shopify(), woocommerce(), bigcommerce(), adobeCommerce(), mailchimp(), stripe()]);
