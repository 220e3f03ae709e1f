/**
 * Words of DirectScale, which may repeat what was sent: each value is replaced by its name. A short value, or one that is
 * a word, is looked for as a whole word, so that the region `ID` leaves `VALID` as it is; every other one anywhere.
 */
export function withoutValues(words: string, values: object): string {
  const texts = textsOf(values);
  const escaping = texts.filter(([, value]) => value.includes('\\'));
  const plain = replaced(words, escaping);
  // Decoded before anything else is replaced: a value that is a part of another one would break that one up.
  const decoded = withoutEscapes(plain);
  const cleaned = replaced(decoded, [...escaping.map(decodedText), ...texts]);
  // Where decoding brought no value to light, the words stay as DirectScale wrote them.
  return cleaned === decoded ? replaced(plain, texts) : cleaned;
}

type Text = readonly [path: string, value: string];

const decodedText = ([path, value]: Text): Text => [path, withoutEscapes(value)];

/** The words may be JSON, which may be a text in JSON. */
const jsonLevels = 3;

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A text as it was before JSON. Not by a parser: the words may be cut off, or hold JSON. */
function withoutEscapes(json: string): string {
  let text = json;
  for (let level = 0; level < jsonLevels && text.includes('\\'); level++)
    text = text.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g, (_, code?: string, mark = '') =>
      code === undefined ? (escapes[mark] ?? mark) : String.fromCharCode(Number.parseInt(code, 16)),
    );
  return text;
}

function replaced(words: string, texts: readonly Text[]): string {
  let cleaned = words;
  for (const [path, value] of texts) {
    if (value.length > 1) cleaned = cleaned.replace(occurrencesOf(value), () => `[${path}]`);
  }
  return cleaned;
}

const longestCode = 3;
const shortValue = 5;

function occurrencesOf(value: string): RegExp {
  const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // A code in other letters is a word of the language: "in" is not Indiana.
  const flags = value.length > longestCode ? 'giu' : 'gu';
  if (value.length >= shortValue && !/^\p{L}+$/u.test(value)) return new RegExp(literal, flags);
  const before = /^[\p{L}\p{N}]/u.test(value) ? '(?<![\\p{L}\\p{N}])' : '';
  const after = /[\p{L}\p{N}]$/u.test(value) ? '(?![\\p{L}\\p{N}])' : '';
  return new RegExp(`${before}${literal}${after}`, flags);
}

/** The texts of a patch by path, the longest first, so that no value is replaced by a part of another. */
function textsOf(value: object, prefix = ''): Text[] {
  return Object.entries(value)
    .flatMap(([name, member]): Text[] => {
      if (typeof member === 'object' && member !== null) return textsOf(member, `${prefix}${name}.`);
      return [[`${prefix}${name}`, String(member).trim()]];
    })
    .sort(([, a], [, b]) => b.length - a.length);
}
