import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RelayWithVendors, sampleFor, startRelayWithVendors } from './relay-with-vendors.ts';

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors({}, { CUSTOMER_WRITES_PER_MINUTE: '100' });
});
afterAll(() => relay?.stop());

/** Where a source's sample holds what a person saves, when, and a field that nobody ever corrects. */
interface Saves {
  readonly texts: (save: number) => Readonly<Record<string, unknown>>;
  readonly bad: Readonly<Record<string, string>>;
  readonly told: readonly string[];
}

const at = (save: number): string =>
  new Date(Date.parse('2026-11-20T21:00:00Z') + save * 60_000).toISOString();
const ms = (save: number): number => Date.parse(at(save));

const sources: Readonly<Record<string, Saves>> = {
  shopify: {
    texts: (save) => ({
      updated_at: at(save),
      first_name: `Maria ${save}`,
      'default_address.city': `Lehi ${save}`,
    }),
    bad: { phone: 'n/a', 'metafields.3.value': 'soon' },
    told: ['PrimaryPhone', 'BirthDate'],
  },
  woocommerce: {
    texts: (save) => ({
      date_modified_gmt: at(save).slice(0, 19),
      first_name: `Maria ${save}`,
      'billing.city': `Lehi ${save}`,
    }),
    bad: { 'billing.phone': 'ask wife', 'shipping.state': 'Calif.', 'shipping.city': 'Fresno' },
    told: ['PrimaryPhone', 'DefaultShippingAddress.Region', 'DefaultShippingAddress'],
  },
  salesforce: {
    texts: (save) => ({
      occurredAt: at(save),
      'fields.FirstName': `Maria ${save}`,
      'fields.MailingCity': `Lehi ${save}`,
    }),
    bad: { 'fields.Phone': 'n/a', 'fields.DirectScale_Language__c': 'klingon' },
    told: ['PrimaryPhone', 'LanguageCode'],
  },
  hubspot: {
    texts: (save) => ({
      'changes.0': { name: 'firstname', value: `Maria ${save}`, occurredAt: ms(save) },
      'changes.6': { name: 'city', value: `Lehi ${save}`, occurredAt: ms(save) },
      'properties.city': `Lehi ${save}`,
      'changes.2': { name: 'phone', value: 'unknown', occurredAt: ms(save) },
    }),
    bad: {},
    told: ['PrimaryPhone'],
  },
};

test.each(Object.entries(sources))(
  '%s: a field that is bad for ever, and ten saves',
  async (name, { texts, bad, told }) => {
    const id = relay.newCustomer();
    for (let save = 1; save <= 10; save++) {
      const { changes } = await relay.deliver(name, sampleFor(name, id, { ...texts(save), ...bad }), id);
      expect(changes).toMatchObject([{ status: 'applied', customerId: id }]);
      expect(changes[0]?.leftOut?.map(({ path }) => path).toSorted()).toEqual(told.toSorted());
      const customer = relay.sandbox.customers.get(id);
      expect(customer).toMatchObject({
        FirstName: `Maria ${save}`,
        PrimaryAddress: { City: `Lehi ${save}` },
      });
    }
  },
);
