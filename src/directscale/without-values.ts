/**
 * Words of DirectScale, which may repeat what was sent: each value is replaced by its name. A short value, or one that is
 * a word, is looked for as a whole word, so that the region `ID` leaves `VALID` as it is; every other one anywhere.
 */
export function withoutValues(words: string, values: object): string {
  let cleaned = words;
  for (const [path, value] of textsOf(values)) {
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
function textsOf(value: object, prefix = ''): [path: string, text: string][] {
  return Object.entries(value)
    .flatMap(([name, member]): [string, string][] => {
      if (typeof member === 'object' && member !== null) return textsOf(member, `${prefix}${name}.`);
      return [[`${prefix}${name}`, String(member).trim()]];
    })
    .sort(([, a], [, b]) => b.length - a.length);
}
