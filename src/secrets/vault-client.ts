import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  ChainedTokenCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

/**
 * A client of one Key Vault that gives up soon. This file imports the SDK statically and is itself imported at the
 * first read: so the SDK stays out of the cold start, and the bundler can drop what is not named here.
 */
export function openVault(vaultUrl: URL, clientId: string | undefined): SecretClient {
  return new SecretClient(vaultUrl.href, credential(clientId), {
    retryOptions: { maxRetries: 1, retryDelayInMs: 100, maxRetryDelayInMs: 200 },
    // A vault on this machine cannot be in the domain that its challenge names.
    disableChallengeResourceVerification: ['localhost', '127.0.0.1', '[::1]'].includes(vaultUrl.hostname),
  });
}

/** The managed identity in Azure, which sets IDENTITY_ENDPOINT; the developer's sign-in elsewhere. */
function credential(clientId: string | undefined): TokenCredential {
  if (process.env.IDENTITY_ENDPOINT) {
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  }
  return new ChainedTokenCredential(
    new AzureCliCredential(),
    new AzureDeveloperCliCredential(),
    new AzurePowerShellCredential(),
  );
}
