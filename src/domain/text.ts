import * as z from 'zod';

// Half surrogates are never part of a name or an address: they come from broken encoders.
const isWhole = (value: string): boolean => value.isWellFormed();
const hasNoControls = (value: string): boolean => !/\p{Cc}/u.test(value);

/** Text without line breaks and other control characters: spaces instead. */
export const inOneLine = (value: string): string => value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/** Text of so many characters at most, trimmed, that is refused with a control character: an id, a reference. */
export const textUpTo = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .refine((value) => isWhole(value) && hasNoControls(value), {
      error: 'must not contain control characters or broken Unicode',
    });

/** Text of a field, which may be empty: `""` clears the field. Line breaks and other control characters become spaces. */
export const text = z
  .string()
  .overwrite(inOneLine)
  .max(500)
  .refine(isWhole, { error: 'must not contain broken Unicode' });

/** Text that must not be empty. */
export const requiredText = text.refine((value) => value !== '', { error: 'must not be empty' });

/** ISO 3166-1 alpha-2, in the upper case of DirectScale's own samples. */
export const countryCode = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{2}$/, { error: 'must be a two-letter country code (ISO 3166-1 alpha-2)' })
  .toUpperCase();

/** Codes that ISO 639-1 has withdrawn, and what stands for them. Programs still write them. */
const withdrawnLanguages: ReadonlyMap<string, string> = new Map([
  ['in', 'id'],
  ['iw', 'he'],
  ['ji', 'yi'],
  ['jw', 'jv'],
  ['mo', 'ro'],
  ['sh', 'sr'],
]);

/** The primary language subtag, lower case (ISO 639-1): `en`, not `en-US`; never a withdrawn one. */
export const languageCode = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{2}$/, { error: 'must be a two-letter language code (ISO 639-1)' })
  .toLowerCase()
  .overwrite((code) => withdrawnLanguages.get(code) ?? code);
