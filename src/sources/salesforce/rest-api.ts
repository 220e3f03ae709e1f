import * as z from 'zod';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { createAccessTokens } from '../shared/access-tokens.ts';
import { callVendor, failureOf } from '../shared/call-vendor.ts';
import { isFailure, withToken } from '../shared/with-token.ts';
import type { Options } from './options.ts';

/** Where and how to ask. */
export type Api = NonNullable<Options['api']>;

/** The limit counts calls of 24 hours, and no answer says when there will be one again. */
const limitWaitMs = 60 * 60_000;

const errorsSchema = z.array(z.looseObject({ errorCode: z.string() }));

const accessTokens = createAccessTokens();

/**
 * One GET of the REST API, as the user whom the external client app runs as (client credentials flow: no refresh token, another
 * access token is asked for when one has ended). Rejects only with what reading the secret throws.
 * https://developer.salesforce.com/docs/platform/api-rest/guide/intro_rest.html
 */
export async function askSalesforce(
  api: Api,
  path: string,
  query: Readonly<Record<string, string>>,
  { secret, timeoutMs }: FetchContext<Options>,
): Promise<{ readonly type: 'answered'; readonly payload: unknown } | VendorFailure> {
  const form = {
    grant_type: 'client_credentials',
    client_id: api.clientId,
    client_secret: await secret(api.clientSecret),
  };
  const request = { url: new URL(`${api.host}/services/oauth2/token`), form, timeoutMs };
  const url = new URL(`${api.host}/services/data/${api.version}/${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);

  const answer = await withToken(
    (refused) => accessTokens(request, refused),
    (token) => callVendor({ url, headers: { Authorization: `Bearer ${token}` }, timeoutMs }),
  );
  if (isFailure(answer)) return answer;
  const { status, payload } = answer;
  if (status === 200 && payload !== undefined) return { type: 'answered', payload };
  // With the status of a refusal, though it ends by itself.
  const isOverLimit = errorsSchema
    .safeParse(payload)
    .data?.some(({ errorCode }) => errorCode === 'REQUEST_LIMIT_EXCEEDED');
  return isOverLimit ? { type: 'unavailable', status, retryAfterMs: limitWaitMs } : failureOf(answer);
}
