import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA256 over the parts, one after the other. */
export function hmacSha256(key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  // From bytes themselves Node makes a key in three times the time.
  const hmac = createHmac('sha256', typeof key === 'string' ? key : createSecretKey(key));
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Whether a text is one of those expected: compared with each, so that the time says nothing about which one it is. */
export function equalsOneOf(given: string, expected: readonly string[]): boolean {
  return expected.map((text) => equalInConstantTime(given, text)).includes(true);
}

/** Whether two texts are equal, in a time that says nothing about where they differ. Lengths are no secret. */
function equalInConstantTime(given: string, expected: string): boolean {
  const a = Buffer.from(given, 'utf8');
  const b = Buffer.from(expected, 'utf8');
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
