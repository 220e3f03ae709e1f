import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  ChainedTokenCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';

/**
 * The managed identity in Azure, which sets IDENTITY_ENDPOINT; the developer's sign-in elsewhere.
 * `clientId`: that of a user-assigned identity; absent: the system-assigned one.
 */
export function azureCredential(clientId: string | undefined): TokenCredential {
  if (process.env.IDENTITY_ENDPOINT) {
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  }
  return new ChainedTokenCredential(
    new AzureCliCredential(),
    new AzureDeveloperCliCredential(),
    new AzurePowerShellCredential(),
  );
}
