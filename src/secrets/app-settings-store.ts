import { SecretMissing, type SecretStore } from './secret-store.ts';

/** The app setting that holds a secret: `shopify-webhook-secret` is in `SECRET_SHOPIFY_WEBHOOK_SECRET`. */
export function settingOf(secret: string): string {
  return `SECRET_${secret.toUpperCase().replaceAll('-', '_')}`;
}

/** Secrets from app settings, for development and for platforms that resolve Key Vault references themselves. */
export function appSettingsStore(env: NodeJS.ProcessEnv): SecretStore {
  return {
    name: 'app-settings',
    async read(secret) {
      const setting = settingOf(secret);
      const value = env[setting];
      if (!value) throw new SecretMissing(`the app setting ${setting} is not set`);
      if (value.startsWith('@Microsoft.KeyVault(')) {
        throw new SecretMissing(`the app setting ${setting} is a Key Vault reference that did not resolve`);
      }
      return value;
    },
  };
}
