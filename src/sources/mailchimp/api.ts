import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf } from '../shared/call-vendor.ts';
import { withoutApi } from '../shared/not-told.ts';
import type { Options } from './options.ts';

/** What is written, and how. */
interface Writing {
  readonly method?: 'PATCH';
  readonly body: object;
}

/**
 * Calls the Marketing API at a path after `/3.0/lists/{audience}/`. Rejects only with what reading a secret throws.
 * https://mailchimp.com/developer/marketing/docs/fundamentals/
 */
export async function askMailchimp(
  path: string,
  { options: { api }, secret, timeoutMs }: FetchContext<Options>,
  writing?: Writing,
): Promise<{ readonly type: 'answer'; readonly payload: unknown } | typeof withoutApi | VendorFailure> {
  if (!api) return withoutApi;
  const token = await secret(api.tokenSecret);
  const answer = await callVendor({
    url: new URL(`${api.baseUrl}/3.0/lists/${api.audience}/${path}`),
    headers: { Authorization: `Bearer ${token}` },
    timeoutMs,
    ...writing,
  });
  if (answer?.status === 200 && answer.payload !== undefined)
    return { type: 'answer', payload: answer.payload };
  // Under heavy load Mailchimp answers so, where a missing right is told in JSON.
  if (answer?.status === 403 && answer.payload === undefined) return { type: 'unavailable', status: 403 };
  return failureOf(answer);
}
