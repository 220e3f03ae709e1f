import type { TokenCredential } from '@azure/identity';
import { azureCredential } from '../../azure/credential.ts';
import type { FetchContext } from '../fetch-context.ts';
import { createAccessTokens, type TokenRead } from '../shared/access-tokens.ts';
import type { Options } from './options.ts';

/** Gives an access token, in place of the one that Dataverse refused. Never rejects. */
type Tokens = (refused?: string) => Promise<TokenRead>;

const accessTokens = createAccessTokens();

/** By client id: each keeps its tokens. */
const identities = new Map<string, TokenCredential>();

/**
 * What gives access tokens: the relay's managed identity, the options' application, or a secret that is one. Rejects only with
 * what reading a secret throws. https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function tokensOf({ options, secret, timeoutMs }: FetchContext<Options>): Promise<Tokens> {
  const { webApi } = options;
  if (!webApi) throw new TypeError('options.webApi is not set');
  const { host, identityClientId, tokenSecret, tenantId, clientId = '', clientSecret = '' } = webApi;
  const scope = `${host}/.default`;
  if (identityClientId !== undefined) return () => tokenOfIdentity(identityClientId, scope);
  if (tokenSecret !== undefined) {
    const token = await secret(tokenSecret);
    return async () => ({ type: 'token', token });
  }
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: await secret(clientSecret),
    scope,
  };
  const request = { url: new URL(`${webApi.authority}/${tenantId}/oauth2/v2.0/token`), form, timeoutMs };
  return (refused) => accessTokens(request, refused);
}

async function tokenOfIdentity(clientId: string, scope: string): Promise<TokenRead> {
  const identity = identities.get(clientId) ?? azureCredential(clientId);
  identities.set(clientId, identity);
  try {
    const given = await identity.getToken(scope);
    return given ? { type: 'token', token: given.token } : { type: 'unavailable' };
  } catch {
    // The platform does not say whether it is for good.
    return { type: 'unavailable' };
  }
}
