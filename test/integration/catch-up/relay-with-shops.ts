import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Stack, startStack } from '../../../local/stack.ts';
import { stateFolder } from '../../../local/state-folder.ts';
import { type ShopifyStandIn, startShopifyApi } from '../../vendors/shopify.ts';
import { startWooApi, type WooStandIn } from '../../vendors/woocommerce.ts';
import { functionKey, quickRetries } from '../relay-under-test.ts';

/** A relay with two shops whose APIs are on this machine. */
export interface RelayWithShops extends Stack {
  readonly shopify: ShopifyStandIn;
  readonly woo: WooStandIn;
}

let started = 0;

export async function startRelayWithShops(
  catchUp: object | undefined = { every: '5 min' },
  env: Readonly<Record<string, string>> = {},
): Promise<RelayWithShops> {
  const [shopify, woo] = await Promise.all([startShopifyApi(), startWooApi()]);
  await mkdir(stateFolder, { recursive: true });
  const relayConfig = join(stateFolder, `shops-${process.pid}-${started++}.relay.json`);
  const sources = {
    shopify: {
      kind: 'shopify',
      secrets: ['shopify-webhook-secret'],
      catchUp,
      options: {
        shop: 'example.myshopify.com',
        api: { tokenSecret: 'shopify-token', baseUrl: shopify.url, pageSize: 5 },
      },
    },
    woo: {
      kind: 'woocommerce',
      secrets: ['woo-webhook-secret'],
      catchUp,
      options: {
        api: { consumerKeySecret: 'woo-key', consumerSecret: 'woo-secret', baseUrl: woo.url, pageSize: 5 },
      },
    },
    // Gives the secrets of the others names.
    'in-house': { kind: 'canonical', secrets: ['in-house-webhook-secret'] },
  };
  await writeFile(relayConfig, JSON.stringify({ sources }));
  const stack = await startStack({
    relayConfig,
    host: { functionKey, env: { ...quickRetries, PUBLIC_URL: 'https://relay.example.com', ...env } },
  });
  stack.vault.set('shopify-token', 'a-token');
  stack.vault.set('woo-key', 'ck_test');
  stack.vault.set('woo-secret', 'cs_test');
  return {
    ...stack,
    shopify,
    woo,
    async stop() {
      await stack.stop();
      await Promise.all([shopify.close(), woo.close(), rm(relayConfig, { force: true })]);
    },
  };
}
