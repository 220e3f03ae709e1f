import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf } from '../shared/call-vendor.ts';
import { withoutApi } from '../shared/not-told.ts';
import type { Options } from './options.ts';

/** What a call came to: the answer, or why there is none. */
export type WooAnswer =
  | { readonly type: 'answer'; readonly payload: unknown; readonly total?: number }
  | typeof withoutApi
  | VendorFailure;

/** What is written, and how. */
interface Writing {
  readonly method?: 'PUT';
  readonly body: Readonly<Record<string, string>>;
}

/**
 * Calls the shop's REST API at a path after `/wp-json/wc/v3/`. `total`: how many there are on all pages. Rejects only with
 * what reading a secret throws. https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-https
 */
export async function askWooCommerce(
  path: string,
  { options: { api }, secret, timeoutMs }: FetchContext<Options>,
  writing?: Writing,
): Promise<WooAnswer> {
  if (!api) return withoutApi;
  const [key, keysSecret] = [await secret(api.consumerKeySecret), await secret(api.consumerSecret)];
  const userAndPassword = `${key}:${keysSecret}`;
  const answer = await callVendor({
    url: new URL(`${api.baseUrl}/wp-json/wc/v3/${path}`),
    headers: { Authorization: `Basic ${Buffer.from(userAndPassword).toString('base64')}` },
    timeoutMs,
    ...writing,
  });
  const isDone = answer?.status === 200 || answer?.status === 201;
  if (!answer || !isDone || answer.payload === undefined) return failureOf(answer);
  const total = /^\d{1,9}$/.exec(answer.headers.get('x-wp-total') ?? '')?.[0];
  return { type: 'answer', payload: answer.payload, ...(total && { total: Number(total) }) };
}
