/** A value that a mapping function cannot turn into what DirectScale takes. The message never holds the value. */
export class CannotNormalize extends Error {
  readonly code = 'cannot-normalize';
}

/** What a mapping hands over as text: absent and `null` are absent. Throws {@link CannotNormalize} for anything else. */
export function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw new CannotNormalize(`$${name}: must be text`);
  return value.trim();
}

/** The same text for names that differ in case, accents and punctuation. */
export function comparable(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}
