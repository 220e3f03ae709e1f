import { hash } from 'node:crypto';
import * as z from 'zod';
import type { VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf } from './call-vendor.ts';

/** Where an access token is asked for, and with what. */
export interface TokenRequest {
  readonly url: URL;
  /** The form of RFC 6749, the client's secret in it. */
  readonly form: Readonly<Record<string, string>>;
  /** Deadline of the call, in ms. */
  readonly timeoutMs: number;
}

/** An access token, or why there is none. */
export type TokenRead = { readonly type: 'token'; readonly token: string } | VendorFailure;

/** The rest of its life in which a token is not used any more, and the least that one is kept. */
const reserveMs = 5 * 60_000;
const leastMs = 60_000;
const failureKeptMs = 30_000;

const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().catch(3600),
});

interface Kept {
  readonly read: Promise<TokenRead>;
  /** Not used after this time, in ms since 1970. */
  until: number;
}

/**
 * What gives access tokens of OAuth 2.0: each is kept and shared until shortly before it ends. `refused`: a token that the API
 * did not take; another one is fetched in its place. It never rejects. https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export function createAccessTokens(now: () => number = () => Date.now()) {
  const kept = new Map<string, Kept>();

  return async (request: TokenRequest, refused?: string): Promise<TokenRead> => {
    const key = hash('sha256', JSON.stringify([request.url, request.form]));
    const current = kept.get(key);
    if (current && now() < current.until) {
      const read = await current.read;
      if (read.type !== 'token' || read.token !== refused) return read;
    }
    // Side by side, calls that found the same token refused wait for one and the same new one.
    const newest = kept.get(key);
    if (newest && newest !== current) return newest.read;
    const entry: Kept = {
      read: getToken(request).then(({ lifeMs, ...read }) => {
        entry.until = now() + lifeMs;
        return read;
      }),
      until: Number.POSITIVE_INFINITY,
    };
    kept.set(key, entry);
    return entry.read;
  };
}

async function getToken({ url, form, timeoutMs }: TokenRequest): Promise<TokenRead & { lifeMs: number }> {
  const answer = await callVendor({
    url,
    headers: {},
    timeoutMs,
    body: new URLSearchParams(form),
    limitBytes: 100_000,
  });
  const given = answer?.status === 200 ? answerSchema.safeParse(answer.payload).data : undefined;
  if (!given) return { ...failureOf(answer), lifeMs: failureKeptMs };
  const lifeMs = Math.max(given.expires_in * 1000 - reserveMs, leastMs);
  return { type: 'token', token: given.access_token, lifeMs };
}
