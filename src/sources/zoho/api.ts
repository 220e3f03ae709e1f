import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, type VendorAnswer, type VendorCall } from '../shared/call-vendor.ts';
import { withToken } from '../shared/with-token.ts';
import { createAccessTokens } from './access-tokens.ts';
import { accountsUrlOf, apiUrlOf, type Options } from './options.ts';

/** What Zoho is asked. */
interface Question extends Pick<VendorCall, 'method' | 'body'> {
  /** Below the version: `Contacts/3652397000000649013`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

const accessTokens = createAccessTokens();

/**
 * One call to Zoho's API, with an access token that all calls share. Rejects only with what reading a secret throws.
 * https://www.zoho.com/crm/developer/docs/api/v8/
 */
export async function askZoho(
  { path, query = {}, ...more }: Question,
  { options, secret, timeoutMs }: FetchContext<Options>,
): Promise<VendorAnswer | VendorFailure> {
  const client = {
    accountsUrl: accountsUrlOf(options),
    clientId: options.clientId,
    clientSecret: await secret(options.clientSecret),
    refreshToken: await secret(options.refreshTokenSecret),
  };
  const url = new URL(`${apiUrlOf(options)}/crm/v8/${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return withToken(
    (refused) => accessTokens(client, timeoutMs, refused),
    (token) =>
      callVendor({ url, headers: { Authorization: `Zoho-oauthtoken ${token}` }, timeoutMs, ...more }),
  );
}
