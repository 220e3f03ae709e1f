import * as z from 'zod';

// Control characters and half surrogates are never part of a name or an address: they come from broken encoders.
const isPrintable = (value: string): boolean => value.isWellFormed() && !/\p{Cc}/u.test(value);

/** Text of so many characters at most, trimmed, without control characters. */
export const textUpTo = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .refine(isPrintable, { error: 'must not contain control characters or broken Unicode' });

/** Text that may be empty: `""` clears the field. */
export const text = textUpTo(500);

/** Text that must not be empty. */
export const requiredText = text.refine((value) => value !== '', { error: 'must not be empty' });

/** ISO 3166-1 alpha-2, in the upper case of DirectScale's own samples. */
export const countryCode = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{2}$/, { error: 'must be a two-letter country code (ISO 3166-1 alpha-2)' })
  .toUpperCase();

/** The primary language subtag, lower case (ISO 639-1): `en`, not `en-US`. */
export const languageCode = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{2}$/, { error: 'must be a two-letter language code (ISO 639-1)' })
  .toLowerCase();
