import type { TokenCredential } from '@azure/identity';

/**
 * The managed identity in Azure, which sets IDENTITY_ENDPOINT; the developer's sign-in elsewhere.
 * `clientId`: that of a user-assigned identity; absent: the system-assigned one. What signs in is loaded for the first
 * token: an app with a connection string and secrets in its settings needs neither.
 */
export function azureCredential(clientId: string | undefined): TokenCredential {
  let opened: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      opened ??= open(clientId);
      return (await opened).getToken(scopes, options);
    },
  };
}

async function open(clientId: string | undefined): Promise<TokenCredential> {
  if (process.env.IDENTITY_ENDPOINT) {
    const { managedIdentity } = await import('./managed-identity.ts');
    return managedIdentity(clientId);
  }
  const { developerSignIn } = await import('./developer-sign-in.ts');
  return developerSignIn();
}
