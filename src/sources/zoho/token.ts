import {
  closeBrace,
  closeBracket,
  colon,
  endOfString,
  openBrace,
  openBracket,
  quote,
} from '../shared/json-bytes.ts';

/** Where the value of a body's `token` is: from its opening quotation mark to behind the closing one. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The text of the member `token` of a JSON object; undefined where it has none, or more than one. One pass over the bytes
 * and nothing kept of them: a parser would cost too much CPU before the request is known to be authentic.
 */
export function tokenIn(body: Uint8Array): string | undefined {
  const place = placeOfToken(body);
  return place && textAt(body, place);
}

/** The body with an empty `token`, and without the token wherever else it stands; every other byte as it was sent. */
export function withoutToken(body: Uint8Array): Uint8Array {
  const place = placeOfToken(body);
  const token = place && textAt(body, place);
  if (!place || !token) return body;
  const [before, after] = [body.subarray(0, place.start), body.subarray(place.end)];
  // Latin-1 keeps each byte what it is.
  const [start, end, needle] = [before, after, Buffer.from(token)].map((bytes) =>
    Buffer.from(bytes).toString('latin1'),
  ) as [string, string, string];
  return Buffer.from(`${start.replaceAll(needle, '')}""${end.replaceAll(needle, '')}`, 'latin1');
}

function placeOfToken(body: Uint8Array): Place | undefined {
  let depth = 0;
  let found: Place | undefined;
  let isValueOfToken = false;
  let i = 0;
  while (i < body.length) {
    const byte = body[i];
    if (byte === quote) {
      const place = { start: i, end: endOfString(body, i) };
      if (isValueOfToken) {
        if (found) return undefined;
        found = place;
      }
      i = place.end;
      const next = afterSpace(body, i);
      const isName: boolean = !isValueOfToken && depth === 1 && body[next] === colon;
      isValueOfToken = isName && textAt(body, place) === 'token';
      if (isName) i = next + 1;
      continue;
    }
    if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) depth--;
    // Anything but space before the value: it is no text.
    if (isValueOfToken && !isSpace(byte)) isValueOfToken = false;
    i++;
  }
  return found;
}

function afterSpace(body: Uint8Array, start: number): number {
  let i = start;
  while (isSpace(body[i])) i++;
  return i;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Longer names and tokens are not looked at: Zoho allows 50 characters, each of them six bytes if it is escaped. */
const longestText = 1000;

function textAt(body: Uint8Array, { start, end }: Place): string | undefined {
  if (end - start > longestText || end > body.length) return undefined;
  try {
    const text: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(body.subarray(start, end)),
    );
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
