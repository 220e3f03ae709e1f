import { SecretClient } from '@azure/keyvault-secrets';
import { azureCredential } from '../azure/credential.ts';

/**
 * A client of one Key Vault that gives up soon. This file imports the SDK statically and is itself imported at the
 * first read: so the SDK stays out of the cold start, and the bundler can drop what is not named here.
 */
export function openVault(vaultUrl: URL, clientId: string | undefined): SecretClient {
  return new SecretClient(vaultUrl.href, azureCredential(clientId), {
    retryOptions: { maxRetries: 1, retryDelayInMs: 100, maxRetryDelayInMs: 200 },
    // A vault on this machine cannot be in the domain that its challenge names.
    disableChallengeResourceVerification: ['localhost', '127.0.0.1', '[::1]'].includes(vaultUrl.hostname),
  });
}
