import { expect, test } from 'vitest';
import { withLocalVendors } from '../../local/relay-file.ts';
import { relayFileSchema } from '../../src/config/configuration.ts';
import { sourceKinds } from '../../src/sources/index.ts';

const url = 'http://127.0.0.1:7777/vendor';
const vendors = { urlOf: () => url, close: async () => undefined };
const id = '11111111-2222-4333-8444-555555555555';

const sourcesOf = (kind: string, given: object) =>
  relayFileSchema.parse({ sources: { a: { kind, secrets: ['a-secret'], options: given } } }).sources;

/** Options with which a kind calls its vendor, and all options that are an address then. */
const options: [string, object, string[]][] = [
  ['hubspot', { publicApp: { id: 1 } }, ['baseUrl']],
  ['salesforce', { api: { host: 'https://a.my.salesforce.com', clientId: 'a' } }, ['api.host']],
  [
    'dynamics',
    {
      webApi: {
        host: 'https://a.crm.dynamics.com',
        tenantId: 'a.example.com',
        clientId: id,
        clientSecret: 'a',
      },
    },
    ['webApi.authority', 'webApi.host'],
  ],
  ['zoho', { dataCentre: 'us', clientId: 'a' }, ['accountsUrl', 'baseUrl']],
  ['pipedrive', { api: {} }, ['api.baseUrl']],
  ['shopify', { shop: 'a.myshopify.com', api: { tokenSecret: 'a' } }, ['api.baseUrl']],
  ['stripe', { api: {} }, ['api.baseUrl']],
  [
    'mailchimp',
    { api: { baseUrl: 'https://us21.api.mailchimp.com', audience: 'a1b2c3d4e5' } },
    ['api.baseUrl'],
  ],
  ['woocommerce', { api: { baseUrl: 'https://shop.example.com' } }, ['api.baseUrl']],
];

test.each(options)(
  '%s: every address of a vendor is one of this machine, those too that nobody names',
  async (kind, given, expected) => {
    const { a } = await withLocalVendors(sourcesOf(kind, given), vendors);
    const parsed = sourceKinds.get(kind)?.options.safeParse(a?.options);
    expect(parsed?.error).toBeUndefined();
    const found = addressesIn(parsed?.data);
    expect(found.map(([, address]) => address)).toEqual(found.map(() => url));
    expect(found.map(([path]) => path).sort()).toEqual(expected);
  },
);

test('options that are wrong stay wrong', async () => {
  const sources = sourcesOf('pipedrive', { api: { token: 'a' } });
  expect(await withLocalVendors(sources, vendors)).toEqual(sources);
});

function addressesIn(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value === 'string') return /^https?:/.test(value) ? [[path.join('.'), value]] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => addressesIn(member, [...path, name]));
}
