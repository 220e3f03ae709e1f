import { createHmac, hkdfSync } from 'node:crypto';

/**
 * A keyed hash of a field's value, short enough to keep for every field. Without the key nobody can find out a phone
 * number by trying all of them. The key follows from the subscription key: after a rotation values merely look
 * changed once.
 */
export function valueHasher(subscriptionKey: string): (value: unknown) => string {
  const key = Buffer.from(hkdfSync('sha256', subscriptionKey, '', 'customer-relay value hash', 32));
  return (value) => createHmac('sha256', key).update(canonicalText(value)).digest('base64url').slice(0, 22);
}

/** The same text for the same value, whatever the order of an object's members. */
function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join()}}`;
}
