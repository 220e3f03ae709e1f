import type { FieldValue } from '../../domain/field-paths.ts';

const digits = (text: string): string => text.replace(/\D/g, '');

/**
 * Whether DirectScale holds the value already, as far as two ways to write it can be told to mean the same: letter
 * case of codes, digits of phones, the day of a date, spaces around a text.
 */
export function isSameValue(path: string, wanted: FieldValue, held: FieldValue | undefined): boolean {
  if (held === undefined) return false;
  const [a, b] = [String(wanted).trim(), String(held).trim()];
  if (a === b) return true;
  if (/Phone$/.test(path)) return digits(a) !== '' && digits(a) === digits(b);
  if (/(^LanguageCode|\.CountryCode|\.Region)$/.test(path)) return a.toLowerCase() === b.toLowerCase();
  if (path === 'BirthDate') return a.slice(0, 10) === b.slice(0, 10);
  return false;
}
