import type { SigningKey } from '../signing-key.ts';
import { equalsOneOf, hmacSha256 } from './hmac.ts';
import { isRecentUnixTime } from './signed-time.ts';

/**
 * Whether a header `t=<unix seconds>,v1=<hex>` signs the body now: one `v1` must be hex(HMAC-SHA256(secret, t + "." +
 * raw body)), keyed with the whole text of one of the secrets. Other schemes than v1 are skipped. Constant time.
 */
export function hasTimestampedSignature(
  header: string | null,
  body: Uint8Array,
  { keys, now }: { readonly keys: readonly SigningKey[]; readonly now: Date },
): boolean {
  const parts = (header ?? '').split(',');
  const [timestamp = '', second] = valuesOf('t', parts);
  if (second !== undefined || !isRecentUnixTime(timestamp, now)) return false;

  const given = valuesOf('v1', parts);
  const expected = keys.map(({ bytes }) => hmacSha256(bytes, `${timestamp}.`, body).toString('hex'));
  return given.map((signature) => equalsOneOf(signature, expected)).includes(true);
}

/** The values of `name=value` parts. */
function valuesOf(name: string, parts: readonly string[]): string[] {
  return parts
    .map((part) => part.trim())
    .flatMap((part) => (part.startsWith(`${name}=`) ? part.slice(name.length + 1) : []));
}
