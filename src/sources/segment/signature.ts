import { createHmac, createSecretKey } from 'node:crypto';
import { equalsOneOf } from '../shared/hmac.ts';
import type { SigningKey } from '../signing-key.ts';

/**
 * Whether `X-Signature` is hex(HMAC-SHA1(secret, …)) over the body; for a batch maybe over its first event alone, in the
 * form of JSON.stringify, with which the body must begin: then the other events of the batch are not signed. Never throws.
 * https://www.twilio.com/docs/segment/connections/destinations/catalog/webhooks (Authentication);
 * github.com/segmentio/action-destinations, packages/destination-actions/src/destinations/webhook/index.ts
 */
export function isSignedBySegment(
  signature: string | null,
  body: Uint8Array,
  keys: readonly SigningKey[],
): boolean {
  if (!signature || !/^[0-9a-f]{40}$/.test(signature)) return false;
  if (isSignedAsAWhole(signature, body, keys)) return true;
  const first = body[0] === openingBracket ? firstEvent(body) : undefined;
  return first !== undefined && isSignedAsAWhole(signature, first, keys);
}

/** Whether these bytes, all of them, are what is signed. */
export function isSignedAsAWhole(signature: string, bytes: Uint8Array, keys: readonly SigningKey[]): boolean {
  return equalsOneOf(
    signature,
    keys.map((key) => createHmac('sha1', createSecretKey(key.bytes)).update(bytes).digest('hex')),
  );
}

const openingBracket = 0x5b;
const closingBracket = 0x5d;
const comma = 0x2c;

/** The bytes of the first event of a batch, where they are as JSON.stringify writes them. */
function firstEvent(body: Uint8Array): Uint8Array | undefined {
  try {
    const batch: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const text = Array.isArray(batch) && batch.length > 0 ? JSON.stringify(batch[0]) : '';
    const bytes = Buffer.from(text, 'utf8');
    const after = body[1 + bytes.byteLength];
    const isFirst = bytes.equals(body.subarray(1, 1 + bytes.byteLength));
    return isFirst && text && (after === comma || after === closingBracket) ? bytes : undefined;
  } catch {
    // Not JSON, or nested deeper than JSON.stringify can follow.
    return undefined;
  }
}
