import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Sandbox } from '../local/sandbox/sandbox.ts';
import { localSecret, senderOf } from '../local/sender.ts';
import { appFolder } from '../src/app-folder.ts';

/** The source in relay.json, the secret's name there, and the app settings that let few customers change often. */
export const source = 'shopify';
export const secret = localSecret('shopify-webhook-secret');
export const manyWrites = { CUSTOMER_WRITES_PER_MINUTE: '10000' };

/** What an app of the bench needs to verify and to map these webhooks. */
export const toVerifyAndMap = {
  WEBHOOK_SECRET: secret,
  MAPPING: await readFile(join(appFolder, 'mappings/shopify.jsonata'), 'utf8'),
};

const firstCustomer = 20_000;
const customers = 500;

const sampleSchema = z.looseObject({ metafields: z.array(z.looseObject({ key: z.string() })).length(1) });
const sample = sampleSchema.parse(
  JSON.parse(await readFile(join(appFolder, 'test/fixtures/shopify/customers-update.json'), 'utf8')),
);
const { headers } = await senderOf('shopify');

export interface SignedWebhook {
  readonly body: Buffer<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The `index`th webhook: newer than those before it, with a name that its customer never had. */
export function signedWebhook(index: number): SignedWebhook {
  const customerId = firstCustomer + (index % customers);
  const now = new Date();
  const payload = {
    ...sample,
    id: 7_065_064_000_000 + customerId,
    email: `customer.${customerId}@example.com`,
    first_name: `Maria ${index}`,
    updated_at: new Date(now.getTime() - 3_600_000 + index).toISOString(),
    metafields: sample.metafields.map((field) => ({ ...field, value: String(customerId) })),
  };
  const body = Buffer.from(JSON.stringify(payload));
  return { body, headers: headers(body, secret, now, new URL('http://localhost')) };
}

/** Makes the customers that the webhooks are about known to DirectScale. */
export function addCustomers({ customers: known }: Sandbox): void {
  const model = known.get('10542');
  if (!model) throw new Error('the sandbox does not know customer 10542');
  for (let id = firstCustomer; id < firstCustomer + customers; id++) {
    known.set(String(id), { ...structuredClone(model), CustomerId: id });
  }
}

/** Where a load generator sends the webhooks of a relay. */
export const webhooksOf = (hostUrl: string) => ({
  kind: 'webhook' as const,
  url: `${hostUrl}/api/webhooks/${source}`,
  expectedStatus: 202,
});
