import type { SecretClient } from '@azure/keyvault-secrets';
import { SecretMissing, type SecretStore, SecretStoreUnavailable } from './secret-store.ts';

const deadlineMs = 3000;

/**
 * Secrets from a Key Vault: with the managed identity in Azure (`clientId` names a user-assigned one), with the
 * developer's sign-in elsewhere. The SDK is loaded at the first read, to keep it out of the cold start.
 */
export function keyVaultStore(vaultUrl: URL, clientId?: string): SecretStore {
  let opened: Promise<SecretClient> | undefined;
  return {
    name: 'key-vault',
    async read(secret) {
      opened ??= import('./vault-client.ts').then(({ openVault }) => openVault(vaultUrl, clientId));
      try {
        const client = await opened;
        const { value } = await client.getSecret(secret, { abortSignal: AbortSignal.timeout(deadlineMs) });
        if (!value) throw new SecretMissing(`the secret ${secret} in the vault is empty`);
        return value;
      } catch (error) {
        throw typed(error, secret);
      }
    },
  };
}

/** A disabled secret is answered 403 with the inner code `SecretDisabled` (the SDK spells it `innerError`), a missing one 404. */
function typed(error: unknown, secret: string): Error {
  if (error instanceof SecretMissing) return error;
  const status = property(error, 'statusCode');
  const inner = property(property(property(property(error, 'details'), 'error'), 'innerError'), 'code');
  if (status === 404) return new SecretMissing(`the vault has no secret ${secret}`);
  if (status === 403 && inner === 'SecretDisabled')
    return new SecretMissing(`the secret ${secret} is disabled`);
  const what = status === undefined ? 'does not answer' : `answers ${status}`;
  return new SecretStoreUnavailable(`the vault ${what} for the secret ${secret}`, { cause: error });
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
