import type { FieldValue } from '../../domain/field-paths.ts';

/**
 * A value in the form in which two ways to write the same are equal: letter case of codes, digits of phones, the day of a
 * date, spaces around a text make no difference.
 */
export function comparable(path: string, value: FieldValue): string {
  const text = String(value).trim();
  if (/Phone$/.test(path)) return text.replace(/\D/g, '') || text;
  if (/(^LanguageCode|\.CountryCode|\.Region)$/.test(path)) return text.toLowerCase();
  if (path === 'BirthDate') return text.slice(0, 10);
  return text;
}

/** Whether DirectScale holds the value already, as far as two ways to write it can be told to mean the same. */
export function isSameValue(path: string, wanted: FieldValue, held: FieldValue | undefined): boolean {
  return held !== undefined && comparable(path, wanted) === comparable(path, held);
}
