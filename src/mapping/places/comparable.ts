/** Letters that Unicode does not take apart. */
const plainLetters: ReadonlyMap<string, string> = new Map([
  ['ı', 'i'],
  ['ß', 'ss'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['æ', 'ae'],
  ['œ', 'oe'],
]);

/** The same text for names that differ in case, accents, punctuation, `&` and `St.`. Longer than any name: "". */
export function comparable(name: string): string {
  if (name.length > 200) return '';
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’ʻʼ‘`´]/g, '')
    .replace(/[ıßøłđðþæœ]/g, (letter) => plainLetters.get(letter) ?? letter)
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .replace(/(^| )st /g, '$1saint ')
    .trim();
}
