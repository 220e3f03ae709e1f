import { hash } from 'node:crypto';
import type { WebhookRequest } from '../kind.ts';
import { equalsOneOf, hmacSha256 } from '../shared/hmac.ts';
import { isRecent } from '../shared/signed-time.ts';
import type { SigningKey } from '../signing-key.ts';

/** The only escapes that HubSpot decodes in the URL before it signs. */
const decoded = /%(?:3A|2F|3F|40|21|27|28|29|2A|2C|3B|24)/gi;

/**
 * v3: `X-HubSpot-Signature-v3` is base64(HMAC-SHA256(secret, method + URL + body + timestamp)), the timestamp
 * (`X-HubSpot-Request-Timestamp`, epoch ms) at most five minutes old or ahead.
 * https://developers.hubspot.com/docs/api/webhooks/validating-requests
 */
export function verifyV3(
  { method, url, headers, body }: WebhookRequest,
  keys: readonly SigningKey[],
  now: Date,
) {
  const given = headers.get('x-hubspot-signature-v3') ?? '';
  const timestamp = headers.get('x-hubspot-request-timestamp') ?? '';
  if (!/^\d{1,15}$/.test(timestamp) || !isRecent(Number(timestamp), now)) return false;

  const start = method + url.href.replace(decoded, decodeURIComponent);
  return equalsOneOf(
    given,
    keys.map(({ bytes }) => hmacSha256(bytes, start, body, timestamp).toString('base64')),
  );
}

/**
 * v2: `X-HubSpot-Signature` is hex(SHA-256(secret + method + URL + body)). No time is signed.
 * https://developers.hubspot.com/docs/faq/v2-request-validation
 */
export function verifyV2({ method, url, headers, body }: WebhookRequest, keys: readonly SigningKey[]) {
  const given = headers.get('x-hubspot-signature') ?? '';
  return equalsOneOf(
    given,
    keys.map(({ text }) => hash('sha256', Buffer.concat([Buffer.from(text + method + url.href), body]))),
  );
}
