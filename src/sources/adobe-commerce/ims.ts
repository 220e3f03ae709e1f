import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { createAccessTokens, type TokenRead } from '../shared/access-tokens.ts';
import { callVendor, type VendorAnswer } from '../shared/call-vendor.ts';
import { withToken } from '../shared/with-token.ts';
import type { Options } from './options.ts';

const accessTokens = createAccessTokens();

/** What a call says besides its address. */
interface Details {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: 'PUT';
  readonly body?: object;
}

/** A call as the project of the options; its token is replaced once if Adobe does not take it. */
export async function callAsProject(
  url: URL,
  context: FetchContext<Options>,
  { headers: more, ...writing }: Details = {},
): Promise<VendorAnswer | VendorFailure> {
  const { options, timeoutMs } = context;
  return withToken(
    (refused) => tokenFor(context, refused),
    (token) => {
      const headers = {
        Accept: 'application/hal+json, application/json',
        Authorization: `Bearer ${token}`,
        'x-api-key': options.clientId ?? '',
        ...more,
      };
      return callVendor({ url, headers, timeoutMs, ...writing });
    },
  );
}

/** https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/implementation */
async function tokenFor(
  { options, secret, timeoutMs }: FetchContext<Options>,
  refused?: string,
): Promise<TokenRead> {
  const { ims, clientId } = options;
  if (!ims || clientId === undefined) return { type: 'refused-by-vendor' };
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: await secret(ims.clientSecret),
    scope: ims.scopes,
  };
  return accessTokens({ url: new URL(`${ims.baseUrl}/ims/token/v3`), form, timeoutMs }, refused);
}
