import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** PEM texts to keys, for the few that there are: parsing one takes longer than a check with it. */
const keys = new Map<string, KeyObject | undefined>();
const maxKeys = 100;

/** Whether RSA PKCS#1 v1.5 with SHA-256, in base64, is a signature of these bytes by one of the keys. Never throws. */
export function isSignedByOneOf(
  publicKeys: readonly string[],
  bytes: Uint8Array,
  signature: string | null,
): boolean {
  // A key of 16,384 bits, the largest that OpenSSL uses, signs in 2,732 characters.
  if (!signature || signature.length > 2800 || !/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'base64');
  return publicKeys
    .flatMap((pem) => keyOf(pem) ?? [])
    .map((key) => verify('sha256', bytes, key, given))
    .includes(true);
}

function keyOf(pem: string): KeyObject | undefined {
  if (keys.has(pem)) return keys.get(pem);
  if (keys.size >= maxKeys) keys.clear();
  const key = parse(pem);
  keys.set(pem, key);
  return key;
}

/** A public key in PEM; a vault that takes one line has `\n` in place of line ends. Absent: not an RSA public key. */
function parse(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem.replaceAll('\\n', '\n'));
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}
