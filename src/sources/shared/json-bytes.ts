/** The bytes of JSON's punctuation. */
export const [quote, backslash, colon, comma, openBrace, closeBrace, openBracket, closeBracket] =
  Buffer.from('"\\:,{}[]');

/** Where the string that begins at `start` ends: behind its closing quotation mark, or behind the bytes if it has none. */
export function endOfString(json: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== quote) i += json[i] === backslash ? 2 : 1;
  return i + 1;
}
