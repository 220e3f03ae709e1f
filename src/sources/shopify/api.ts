import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { createAccessTokens, type TokenRead } from '../shared/access-tokens.ts';
import { callVendor, failureOf } from '../shared/call-vendor.ts';
import { otherForm, withoutApi } from '../shared/not-told.ts';
import { isFailure, withToken } from '../shared/with-token.ts';
import type { Options } from './options.ts';

/** What a call came to: what was asked for, or why it is not there. */
export type ShopifyAnswer =
  | { readonly type: 'data'; readonly data: unknown }
  | { readonly type: 'not-told'; readonly reason: string }
  | VendorFailure;

/** A cost is in points; `restoreRate` in points a second. https://shopify.dev/docs/api/usage/rate-limits */
const costSchema = z.object({
  requestedQueryCost: z.number(),
  throttleStatus: z.object({ currentlyAvailable: z.number(), restoreRate: z.number().positive() }),
});

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string().catch(''), extensions: z.object({ code: z.string() }).optional() }))
    .optional(),
  extensions: z.object({ cost: costSchema.optional().catch(undefined) }).optional(),
});
type Answer = z.infer<typeof answerSchema>;

const accessTokens = createAccessTokens();

/** Points come back within seconds: so long is waited for them here, and longer by the caller. */
const longestPauseMs = 10_000;

/**
 * Sends a document to the shop's GraphQL Admin API, and once more when the points that were missing are there. Rejects only with
 * what reading a secret throws.
 */
export async function askShopify(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  context: FetchContext<Options>,
): Promise<ShopifyAnswer> {
  const answer = await askOnce(query, variables, context);
  const waitMs = answer.type === 'unavailable' && answer.status === 200 ? answer.retryAfterMs : undefined;
  if (waitMs === undefined || waitMs > longestPauseMs) return answer;
  await delay(waitMs);
  return askOnce(query, variables, context);
}

async function askOnce(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  context: FetchContext<Options>,
): Promise<ShopifyAnswer> {
  const { options, timeoutMs } = context;
  if (!options.api) return withoutApi;
  const { version } = options.api;
  const url = new URL(`${baseUrlOf(options)}/admin/api/${version}/graphql.json`);
  const answer = await withToken(
    (refused) => tokenFor(context, refused),
    (token) => {
      const headers = { 'X-Shopify-Access-Token': token };
      return callVendor({ url, headers, timeoutMs, body: { query, variables } });
    },
  );
  if (isFailure(answer)) return answer;
  if (answer.status !== 200 || answer.payload === undefined) return failureOf(answer);
  const said = answerSchema.safeParse(answer.payload).data;
  return said ? meaningOf(said) : otherForm;
}

const baseUrlOf = ({ api, shop }: Options): string => api?.baseUrl ?? `https://${shop}`;

/** https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant */
async function tokenFor(context: FetchContext<Options>, refused?: string): Promise<TokenRead> {
  const { options, secret, timeoutMs } = context;
  const { tokenSecret, clientId = '', clientSecret = '' } = options.api ?? {};
  if (tokenSecret !== undefined) return { type: 'token', token: await secret(tokenSecret) };
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: await secret(clientSecret),
  };
  const url = new URL(`${baseUrlOf(options)}/admin/oauth/access_token`);
  return accessTokens({ url, form, timeoutMs }, refused);
}

/** Errors come with a 200, and by code: texts may change. Older versions tell throttling by text alone. */
function meaningOf({ data, errors = [], extensions }: Answer): ShopifyAnswer {
  const [error] = errors;
  if (!error) return { type: 'data', data };
  const code = error.extensions?.code ?? (error.message === 'Throttled' ? 'THROTTLED' : '');
  switch (code) {
    case 'THROTTLED':
      return { type: 'unavailable', status: 200, retryAfterMs: waitOf(extensions?.cost) };
    case 'MAX_COST_EXCEEDED':
      return {
        type: 'not-told',
        reason: 'a page costs more than Shopify allows: set options.api.pageSize lower',
      };
    case 'INTERNAL_SERVER_ERROR':
      return { type: 'unavailable', status: 200 };
    default:
      return { type: 'refused-by-vendor', status: 200 };
  }
}

/** How long it takes, in ms, until the points of the call are there; two seconds where Shopify does not tell. */
function waitOf(cost: z.infer<typeof costSchema> | undefined): number {
  if (!cost) return 2000;
  const { currentlyAvailable, restoreRate } = cost.throttleStatus;
  const missing = Math.max(cost.requestedQueryCost - currentlyAvailable, 1);
  return Math.ceil((missing / restoreRate) * 1000);
}
