import type { CountryCode, PhoneNumber } from 'libphonenumber-js/min';
import { unusable } from '../unusable.ts';
import { helpingCountry } from './country.ts';
import { givenText } from './given-text.ts';

/**
 * `$phone(text, country, format)`: a phone number as `"e164"` (`+18015550142`, the default), `"digits"`
 * (`18015550142`) or `"national"` (`8015550142`). The country is needed for numbers without one of their own. An extension
 * is cut off, `00` at the start is `+`, of several numbers the first counts. Which format DirectScale expects is not
 * documented. Absent and blank stay absent, "" stays ""; otherwise an unusable text that carries the reason.
 */
export async function phone(
  value: unknown,
  countryText: unknown,
  format: unknown = 'e164',
): Promise<string | undefined> {
  const given = givenText(value);
  if ('answer' in given) return given.answer;
  const parsed = await parse(given.text, countryText);
  if (!parsed) return unusable('is not a phone number, or without a country that would complete it');
  if (format === 'e164') return parsed.number;
  if (format === 'digits') return parsed.number.slice(1);
  if (format === 'national') return parsed.nationalNumber;
  return unusable('the format of the mapping must be "e164", "digits" or "national"');
}

async function parse(text: string, countryText: unknown): Promise<PhoneNumber | undefined> {
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/min');
  const country = await helpingCountry(countryText);
  const parts = text.split(/[/;|\n\r]|(?<!,),(?!,)|\bor\b/i);
  const candidates = (areTwoNumbers(text) ? [...parts, text] : [text, ...parts]).map((one) => one.trim());
  for (const candidate of candidates) {
    const forms = candidate.startsWith('00') ? [`+${candidate.slice(2)}`, candidate] : [candidate];
    for (const form of forms) {
      // Every code of ISO 3166-1 may be asked for; an unknown one gives no number.
      const parsed = parsePhoneNumberFromString(form, country ? (country as CountryCode) : undefined);
      if (parsed?.isPossible() && !isFiller(parsed)) return parsed;
    }
  }
  return undefined;
}

/** A slash stands behind an area code, too: `0221/5550142`. Behind a number it separates that from another one. */
function areTwoNumbers(text: string): boolean {
  const [before = '', after = ''] = text.split('/').map((part) => part.replace(/\D/g, ''));
  const longestAreaCode = /^\s*(\+|00)/.test(text) ? 8 : 6;
  return before.length > longestAreaCode && after.length >= 5;
}

/** `000 000 0000`: has the length of a number and is none. */
const isFiller = ({ nationalNumber }: PhoneNumber): boolean => /^(\d)\1*$/.test(nationalNumber);
