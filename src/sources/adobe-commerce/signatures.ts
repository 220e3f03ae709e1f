import { verify } from 'node:crypto';
import type { SigningKey } from '../signing-key.ts';

/** Whether RSA PKCS#1 v1.5 with SHA-256, in base64, is a signature of these bytes by one of the keys. Never throws. */
export function isSignedByOneOf(
  keys: readonly SigningKey[],
  bytes: Uint8Array,
  signature: string | null,
): boolean {
  // A key of 16,384 bits, the largest that OpenSSL uses, signs in 2,732 characters.
  if (!signature || signature.length > 2800 || !/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'base64');
  return keys
    .flatMap(({ publicKey }) => publicKey ?? [])
    .map((key) => verify('sha256', bytes, key, given))
    .includes(true);
}
