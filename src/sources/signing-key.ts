import { createPublicKey, type KeyObject } from 'node:crypto';

/**
 * What the text of a secret is.
 *  - `text`: the key itself, or a token that the sender shows
 *  - `user-and-password`: `user:password`, as HTTP Basic has it
 *  - `hex`, `base64`: the key, encoded
 *  - `standard-webhooks`: base64, maybe after `whsec_`
 *  - `rsa-public-key`: PEM
 */
export type SecretForm =
  | 'text'
  | 'user-and-password'
  | 'hex'
  | 'base64'
  | 'standard-webhooks'
  | 'rsa-public-key';

declare const checked: unique symbol;

/** A secret that can verify requests. Only {@link signingKey} makes one. */
export interface SigningKey {
  readonly [checked]: true;
  /** The secret. */
  readonly text: string;
  /** What the text stands for: the key of an HMAC. */
  readonly bytes: Uint8Array;
  /** Of the form `rsa-public-key` only. */
  readonly publicKey?: KeyObject;
}

/** Why a secret cannot be used, in words that hold nothing of it. */
interface UnusableSecret {
  readonly unusable: string;
}

/** Shorter ones can be found by trying. The specification of Standard Webhooks asks for 24 bytes. */
const leastBytes = 16;
const leastStandardBytes = 24;
const leastRsaBits = 2048;

/**
 * The key that a secret is, or why it is none: empty, blank, not of its form, or too short. An empty key is known to
 * everyone.
 */
export function signingKey(secret: string, form: SecretForm): SigningKey | UnusableSecret {
  if (secret.trim() === '') return { unusable: 'is empty' };
  const decoded = decode(secret, form);
  if ('unusable' in decoded) return decoded;
  // The only place that makes a key: everything above has been checked.
  return { text: secret, ...decoded } as SigningKey;
}

type Decoded = Pick<SigningKey, 'bytes' | 'publicKey'> | UnusableSecret;

function decode(text: string, form: SecretForm): Decoded {
  switch (form) {
    case 'text':
      return longEnough(Buffer.from(text), leastBytes, text.trim());
    case 'user-and-password': {
      const [, password] = /^[^:]+:(.*)$/s.exec(text) ?? [];
      if (password === undefined) return { unusable: 'is not of the form user:password' };
      return longEnough(Buffer.from(text), leastBytes, password.trim());
    }
    case 'hex':
      if (!/^([0-9a-f]{2})+$/i.test(text.trim())) return { unusable: 'is not hex' };
      return longEnough(Buffer.from(text.trim(), 'hex'), leastBytes);
    case 'base64':
      return decodeBase64(text.trim(), leastBytes);
    case 'standard-webhooks':
      return decodeBase64(text.trim().replace(/^whsec_/, ''), leastStandardBytes);
    case 'rsa-public-key':
      return rsaPublicKey(text);
  }
}

function decodeBase64(text: string, least: number): Decoded {
  const digits = /^([A-Za-z0-9+/_-]*)={0,2}$/.exec(text)?.[1];
  if (digits === undefined || digits.length % 4 === 1) return { unusable: 'is not base64' };
  return longEnough(Buffer.from(digits, 'base64'), least);
}

/** `secret`: the part of the bytes that is secret, if it is not all of them. */
function longEnough(bytes: Buffer, least: number, secret?: string): Decoded {
  const length = secret === undefined ? bytes.byteLength : Buffer.byteLength(secret);
  return length < least ? { unusable: `is too short: it needs at least ${least} bytes` } : { bytes };
}

/** PEM texts to keys, for the few that there are: parsing one takes longer than a check with it. */
const publicKeys = new Map<string, Decoded>();
const maxPublicKeys = 100;

function rsaPublicKey(pem: string): Decoded {
  const known = publicKeys.get(pem);
  if (known) return known;
  if (publicKeys.size >= maxPublicKeys) publicKeys.clear();
  const parsed = parsePem(pem);
  publicKeys.set(pem, parsed);
  return parsed;
}

/** A vault that takes one line has `\n` in place of line ends. */
function parsePem(pem: string): Decoded {
  try {
    const publicKey = createPublicKey(pem.replaceAll('\\n', '\n'));
    if (publicKey.asymmetricKeyType !== 'rsa') return { unusable: 'is not an RSA public key' };
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < leastRsaBits)
      return { unusable: `is too short: an RSA key needs at least ${leastRsaBits} bits` };
    return { bytes: Buffer.from(pem), publicKey };
  } catch {
    return { unusable: 'is not a public key in PEM' };
  }
}
