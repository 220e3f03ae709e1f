import type { TokenCredential } from '@azure/identity';
import { ManagedIdentityApplication } from '@azure/msal-node';

/**
 * Tokens for the app's managed identity. By MSAL, which `ManagedIdentityCredential` of @azure/identity calls, too: that
 * class brings sign-in by browser and device code into the bundle, code which starts programs.
 * https://learn.microsoft.com/entra/msal/javascript/node/managed-identity
 */
export function managedIdentity(clientId: string | undefined): TokenCredential {
  const application = new ManagedIdentityApplication(
    clientId ? { managedIdentityIdParams: { userAssignedClientId: clientId } } : {},
  );
  return {
    async getToken(scopes, { claims } = {}) {
      const [resource = ''] = [scopes].flat();
      const { accessToken, expiresOn, refreshOn } = await application.acquireToken({
        resource,
        ...(claims && { claims }),
      });
      if (!expiresOn) throw new Error('the managed identity gave a token without an expiry');
      return {
        token: accessToken,
        expiresOnTimestamp: expiresOn.getTime(),
        ...(refreshOn && { refreshAfterTimestamp: refreshOn.getTime() }),
      };
    },
  };
}
