import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  ChainedTokenCredential,
  type TokenCredential,
} from '@azure/identity';

/** Whoever is signed in on a developer's machine, in the Azure CLI, azd or PowerShell. */
export function developerSignIn(): TokenCredential {
  return new ChainedTokenCredential(
    new AzureCliCredential(),
    new AzureDeveloperCliCredential(),
    new AzurePowerShellCredential(),
  );
}
