import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';

/** A keyed hash of a text. */
export type HashOf = (text: string) => string;

/** The first characters of a hash say with which key it was made. */
const keyCharacters = 3;
const hashCharacters = 22;

/**
 * A keyed hash of values, short enough to keep for every field. Without the key nobody can find out a phone number by
 * trying all of them. The key follows from the subscription key: after a rotation values merely look changed once.
 */
export function valueHasher(subscriptionKey: string): HashOf {
  const bytes = hkdfSync('sha256', subscriptionKey, '', 'customer-relay value hash', 32);
  // A key object once: made anew for each of a change's fields, it costs five times what the hash costs.
  const key = createSecretKey(Buffer.from(bytes));
  const hmac = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const keyName = hmac('').slice(0, keyCharacters);
  return (text) => keyName + hmac(text).slice(0, hashCharacters);
}

/** Whether two hashes are of two different texts. False as well if they were made with different keys: nobody knows. */
export function isOtherValue(hash: string, other: string): boolean {
  return hash.slice(0, keyCharacters) === other.slice(0, keyCharacters) && hash !== other;
}
