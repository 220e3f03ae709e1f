import type { FetchContext } from '../fetch-context.ts';
import { createAccessTokens, type TokenRead } from '../shared/access-tokens.ts';
import { callVendor, type Failure, failureOf, type VendorAnswer } from '../shared/call-vendor.ts';
import { withoutLineEnds } from '../signing-key.ts';
import type { Options } from './options.ts';

const accessTokens = createAccessTokens();

/** A call as the project of the options; its token is replaced once if Adobe does not take it. */
export async function callAsProject(
  url: URL,
  context: FetchContext<Options>,
  writing?: { readonly method: 'PUT'; readonly body: object },
): Promise<VendorAnswer | Failure> {
  const { options, timeoutMs } = context;
  const call = (token: string) => {
    const headers = {
      Accept: 'application/hal+json, application/json',
      Authorization: `Bearer ${token}`,
      'x-api-key': options.clientId ?? '',
    };
    return callVendor({ url, headers, timeoutMs, ...writing });
  };
  const first = await tokenFor(context);
  if (first.type !== 'token') return first;
  const answer = await call(first.token);
  if (answer?.status !== 401) return answer ?? failureOf(answer);
  const second = await tokenFor(context, first.token);
  if (second.type !== 'token') return second;
  if (second.token === first.token) return answer;
  const repeated = await call(second.token);
  return repeated ?? failureOf(repeated);
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
    client_secret: withoutLineEnds(await secret(ims.clientSecret)),
    scope: ims.scopes,
  };
  return accessTokens({ url: new URL(`${ims.baseUrl}/ims/token/v3`), form, timeoutMs }, refused);
}
