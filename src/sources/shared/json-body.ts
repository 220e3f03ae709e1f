import { MalformedDelivery } from '../kind.ts';
import { decodeUtf8 } from './utf8.ts';

const maxDepth = 100;

/**
 * Reads a JSON body: strict UTF-8 (a byte order mark is allowed), at most 100 levels deep. Whole numbers past 2^53
 * come as text, so that no digit is lost (Shopify's own sample has such an id).
 * Throws {@link MalformedDelivery}, whose message holds nothing of the body.
 */
export function parseJson(body: Uint8Array): unknown {
  const text = decodeUtf8(body);
  if (depthOf(text) > maxDepth)
    throw new MalformedDelivery(`The JSON is nested deeper than ${maxDepth} levels.`);
  try {
    // The reviver costs time: it is worth it only where a number can be too long.
    return /\d{16}/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (error) {
    throw new MalformedDelivery('The body is not JSON.', { cause: error });
  }
}

/** What {@link parseJson} reads; undefined for a body that it cannot read. */
export function jsonIn(body: Uint8Array): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof MalformedDelivery) return undefined;
    throw error;
  }
}

function keepDigits(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const isLossy = typeof value === 'number' && !Number.isSafeInteger(value);
  return isLossy && context?.source && /^-?\d+$/.test(context.source) ? context.source : value;
}

/** The deepest nesting of brackets outside of strings, found without recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{' || c === '[') deepest = Math.max(deepest, ++depth);
    else if (c === '}' || c === ']') depth--;
  }
  return deepest;
}
