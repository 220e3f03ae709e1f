import type { CountryCode } from 'libphonenumber-js/min';
import { CannotNormalize, textOf } from './cannot-normalize.ts';
import { country } from './country.ts';

/**
 * `$phone(text, country, format)`: a phone number as `"e164"` (`+18015550142`, the default), `"digits"`
 * (`18015550142`) or `"national"` (`8015550142`). The country is needed for numbers without one of their own.
 * Which of these DirectScale expects is not documented. Absent stays absent, "" stays "". Throws {@link CannotNormalize}.
 */
export async function phone(
  value: unknown,
  countryText: unknown,
  format: unknown = 'e164',
): Promise<string | undefined> {
  const text = textOf('phone', value);
  if (!text) return text;
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/min');
  const countryCode = await country(countryText);
  // Every code of ISO 3166-1 may be asked for; an unknown one gives no number.
  const parsed = parsePhoneNumberFromString(text, countryCode ? (countryCode as CountryCode) : undefined);
  if (!parsed?.isPossible() || parsed.ext) {
    throw new CannotNormalize('$phone: not a phone number, or without a country that would complete it');
  }
  if (format === 'e164') return parsed.number;
  if (format === 'digits') return parsed.number.slice(1);
  if (format === 'national') return parsed.nationalNumber;
  throw new CannotNormalize('$phone: the format must be "e164", "digits" or "national"');
}
