import type { SigningKey } from '../signing-key.ts';
import { equalsOneOf, hmacSha256 } from './hmac.ts';
import { isRecentUnixTime } from './signed-time.ts';

/**
 * The scheme of Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp` (unix seconds) and a list of signatures,
 * of which one `v1` must be base64(HMAC-SHA256(`id.timestamp.body`)) with one of the keys.
 * Svix sends the same under `svix-…`. Other versions in the list are skipped.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function verifyStandardWebhook(
  headers: Headers,
  body: Uint8Array,
  keys: readonly SigningKey[],
  now: Date,
): boolean {
  const id = standardHeader(headers, 'id');
  const timestamp = standardHeader(headers, 'timestamp');
  const signatures = standardHeader(headers, 'signature');
  if (!id || id.includes('.') || !timestamp || !signatures) return false;
  if (!isRecentUnixTime(timestamp, now)) return false;

  const given = signatures.split(' ');
  const expected = keys.map(
    ({ bytes }) => `v1,${hmacSha256(bytes, `${id}.${timestamp}.`, body).toString('base64')}`,
  );
  return given.map((signature) => equalsOneOf(signature, expected)).includes(true);
}

/** The names of the id: whoever reads it must keep both, for the signature does not say under which name it was sent. */
export const standardIdHeader = /^(webhook|svix)-id$/;

/** A header of the scheme: `webhook-id`, or Svix's `svix-id`. */
export function standardHeader(headers: Headers, name: 'id' | 'timestamp' | 'signature'): string | undefined {
  return headers.get(`webhook-${name}`) ?? headers.get(`svix-${name}`) ?? undefined;
}
