import * as z from 'zod';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf } from '../shared/call-vendor.ts';
import { otherForm, withoutApi } from '../shared/not-told.ts';
import type { Options } from './options.ts';

/** The version whose form of a customer the shipped mapping knows. */
const apiVersion = '2025-11-17.clover';

const listSchema = z.object({ object: z.literal('list'), data: z.array(z.unknown()), has_more: z.boolean() });

/** One page of a list, or why it is not there. */
export type ListRead =
  | { readonly type: 'list'; readonly data: readonly unknown[]; readonly hasMore: boolean }
  | typeof otherForm
  | typeof withoutApi
  | VendorFailure;

/** What a call is about besides its path: the connected account, and a form to be written. */
interface Details {
  readonly account?: string;
  readonly form?: URLSearchParams;
}

/** Reads one page of a list of API v1. Rejects only with what reading a secret throws. */
export async function readList(
  path: string,
  context: FetchContext<Options>,
  details: Details = {},
): Promise<ListRead> {
  const answer = await askStripe(path, context, details);
  if (answer.type !== 'answer') return answer;
  const list = listSchema.safeParse(answer.payload).data;
  return list ? { type: 'list', data: list.data, hasMore: list.has_more } : otherForm;
}

/** Calls API v1 at a path after `/v1/`. Rejects only with what reading a secret throws. https://docs.stripe.com/api */
export async function askStripe(
  path: string,
  { options: { api }, secret, timeoutMs }: FetchContext<Options>,
  { account, form }: Details = {},
): Promise<{ readonly type: 'answer'; readonly payload: unknown } | typeof withoutApi | VendorFailure> {
  if (!api) return withoutApi;
  const answer = await callVendor({
    url: new URL(`${api.baseUrl}/v1/${path}`),
    headers: {
      Authorization: `Bearer ${await secret(api.tokenSecret)}`,
      'Stripe-Version': apiVersion,
      ...(account && { 'Stripe-Account': account }),
    },
    timeoutMs,
    ...(form && { body: form }),
  });
  if (answer?.status === 200 && answer.payload !== undefined)
    return { type: 'answer', payload: answer.payload };
  const failure = failureOf(answer);
  // Stripe says itself what may be tried again: where something is locked (409), for instance.
  const isToRepeat = answer?.headers.get('stripe-should-retry') === 'true';
  return answer && isToRepeat && failure.type === 'refused-by-vendor'
    ? { type: 'unavailable', status: answer.status }
    : failure;
}
