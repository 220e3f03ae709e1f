import { expect, test } from 'vitest';
import { appSettingsStore } from '../../src/secrets/app-settings-store.ts';

test('a secret is in the setting of its name', async () => {
  const store = appSettingsStore({ SECRET_SHOPIFY_WEBHOOK_SECRET: 'whsec', SHOPIFY_WEBHOOK_SECRET: 'no' });
  expect(store.name).toBe('app-settings');
  expect(await store.read('shopify-webhook-secret')).toBe('whsec');
});

test.each([
  ['absent', {}, /SECRET_SHOP_KEY is not set/],
  ['empty', { SECRET_SHOP_KEY: '' }, /SECRET_SHOP_KEY is not set/],
  [
    'a reference that the platform left unresolved',
    { SECRET_SHOP_KEY: '@Microsoft.KeyVault(VaultName=v;SecretName=n)' },
    /SECRET_SHOP_KEY is a Key Vault reference that did not resolve/,
  ],
])('a setting that is %s is a missing secret', async (_what, env, words) => {
  const reading = appSettingsStore(env).read('shop-key');
  await expect(reading).rejects.toMatchObject({
    code: 'secret-missing',
    message: expect.stringMatching(words),
  });
});

test('a setting that changes is read anew', async () => {
  const env: NodeJS.ProcessEnv = { SECRET_SHOP_KEY: 'first' };
  const store = appSettingsStore(env);
  expect(await store.read('shop-key')).toBe('first');
  env.SECRET_SHOP_KEY = 'second';
  expect(await store.read('shop-key')).toBe('second');
});
