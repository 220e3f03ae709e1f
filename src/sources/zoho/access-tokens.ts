import { hash } from 'node:crypto';
import * as z from 'zod';
import type { TokenRead } from '../shared/access-tokens.ts';
import { callVendor } from '../shared/call-vendor.ts';

/** Who asks for access tokens, and where. */
export interface ZohoClient {
  /** `https://accounts.zoho.com` */
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

const minute = 60_000;
/** A token lives for an hour; some of Zoho's products tell that in ms where others tell it in seconds. */
const longestLifeMs = 60 * minute;
/** The rest of its life in which a token is not used any more. */
const reserveMs = 5 * minute;
/** Zoho gives ten tokens in ten minutes for a refresh token, to all instances of the relay together. */
const renewedAfterMs = 5 * minute;
const failureKeptMs = 30_000;
/** How long Zoho gives none when there were too many. */
const throttledMs = 10 * minute;

const bytesRead = 100_000;

const answerSchema = z.union([
  z.object({ access_token: z.string().min(1), expires_in: z.number().positive().catch(3600) }),
  z.object({ error: z.string() }),
]);

interface Kept {
  readonly read: Promise<TokenRead>;
  readonly readAt: number;
  /** Not used after this time, in ms since 1970. */
  until: number;
}

/**
 * What gives the access token of a client: kept and shared until it ends. `timeoutMs`: deadline of the call, if one is
 * needed. `refused`: a token that Zoho's API did not take; another one is fetched in its place, unless it is brand-new. It
 * never rejects. https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html
 * Limits: https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html
 */
export function createAccessTokens(now: () => number = () => Date.now()) {
  const kept = new Map<string, Kept>();

  return async (client: ZohoClient, timeoutMs: number, refused?: string): Promise<TokenRead> => {
    const key = hash('sha256', JSON.stringify(client));
    const current = kept.get(key);
    if (current && now() < current.until) {
      const read = await current.read;
      const isRefused = read.type === 'token' && read.token === refused;
      const mayBeRenewed = kept.get(key) === current && now() >= current.readAt + renewedAfterMs;
      if (!isRefused || !mayBeRenewed) return read;
    }
    const entry: Kept = {
      read: getToken(client, timeoutMs).then(({ lifeMs, ...read }) => {
        entry.until = now() + lifeMs;
        return read;
      }),
      readAt: now(),
      until: Number.POSITIVE_INFINITY,
    };
    // Side by side, changes wait for one and the same call.
    kept.set(key, entry);
    return entry.read;
  };
}

type TokenAnswer = TokenRead & { readonly lifeMs: number };

async function getToken(client: ZohoClient, timeoutMs: number): Promise<TokenAnswer> {
  const failure = { lifeMs: failureKeptMs };
  const response = await callVendor({
    url: new URL(`${client.accountsUrl}/oauth/v2/token`),
    headers: {},
    timeoutMs,
    limitBytes: bytesRead,
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: client.clientId,
      client_secret: client.clientSecret,
      refresh_token: client.refreshToken,
    }),
  });
  if (!response) return { type: 'unavailable', ...failure };
  const { status, payload } = response;
  if (status === 429 || status >= 500) return { type: 'unavailable', status, ...failure };
  // Not from Zoho.
  if (payload === undefined) return { type: 'unavailable', ...failure };
  const answer = answerSchema.safeParse(payload).data;
  if (answer && 'access_token' in answer) {
    const lifeMs = Math.min(answer.expires_in * 1000, longestLifeMs) - reserveMs;
    return { type: 'token', token: answer.access_token, lifeMs };
  }
  // Not a matter of the status: Zoho says so with a 200.
  if (answer?.error === 'Access Denied')
    return { type: 'unavailable', status, retryAfterMs: throttledMs, ...failure };
  return { type: 'refused-by-vendor', status, ...failure };
}
