import { createHmac, createSecretKey } from 'node:crypto';
import { equalsOneOf } from '../shared/hmac.ts';
import {
  closeBrace,
  closeBracket,
  comma,
  endOfString,
  openBrace,
  openBracket,
  quote,
} from '../shared/json-bytes.ts';
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
  const first = body[0] === openBracket ? firstEvent(body) : undefined;
  return first !== undefined && isSignedAsAWhole(signature, first, keys);
}

/** Whether these bytes, all of them, are what is signed. */
export function isSignedAsAWhole(signature: string, bytes: Uint8Array, keys: readonly SigningKey[]): boolean {
  return equalsOneOf(
    signature,
    keys.map((key) => createHmac('sha1', createSecretKey(key.bytes)).update(bytes).digest('hex')),
  );
}

/**
 * The bytes of the first event of a batch: from behind the opening bracket up to the comma or the closing bracket. One pass,
 * and nothing is kept of them: a parser would cost too much CPU before the request is known to be authentic.
 */
function firstEvent(body: Uint8Array): Uint8Array | undefined {
  let depth = 0;
  let i = 1;
  while (i < body.length) {
    const byte = body[i];
    if (depth === 0 && (byte === comma || byte === closeBracket))
      return i > 1 ? body.subarray(1, i) : undefined;
    if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) depth--;
    i = byte === quote ? endOfString(body, i) : i + 1;
  }
  return undefined;
}
