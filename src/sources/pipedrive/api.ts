import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf, type VendorCall } from '../shared/call-vendor.ts';
import { withoutApi } from '../shared/not-told.ts';
import type { Options } from './options.ts';

/** What Pipedrive is asked. */
interface Question extends Pick<VendorCall, 'method' | 'body'> {
  /** With its version: `api/v2/persons`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * One call to Pipedrive's API, with the token of a user. Rejects only with what reading the secret throws.
 * https://pipedrive.readme.io/docs/core-api-concepts-authentication
 */
export async function askPipedrive(
  { path, query = {}, ...more }: Question,
  { options: { api }, secret, timeoutMs }: FetchContext<Options>,
): Promise<{ readonly type: 'answered'; readonly payload: unknown } | VendorFailure | typeof withoutApi> {
  if (!api) return withoutApi;
  const url = new URL(`${api.baseUrl}/${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const token = await secret(api.tokenSecret);
  const answer = await callVendor({ url, headers: { 'x-api-token': token }, timeoutMs, ...more });
  const isSuccess = answer && answer.status >= 200 && answer.status < 300 && answer.payload !== undefined;
  return isSuccess ? { type: 'answered', payload: answer.payload } : failureOf(answer);
}
