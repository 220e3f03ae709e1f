import * as z from 'zod';
import { CannotNormalize, textOf } from './cannot-normalize.ts';

const isoDate = z.iso.date();

/**
 * `$date(text)`: the day `YYYY-MM-DD` of an ISO 8601 date or date-time (also `YYYYMMDD` and `YYYY/MM/DD`), as it was
 * written: never shifted by a zone. Other forms can be read in two ways and are not guessed.
 * Absent stays absent, "" stays "". Throws {@link CannotNormalize}.
 */
export function date(value: unknown): string | undefined {
  const text = textOf('date', value);
  if (!text) return text;
  const [, year, month, day] = /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:$|[T ])/.exec(text) ?? [];
  const parsed = isoDate.safeParse(`${year}-${month}-${day}`);
  if (!parsed.success) throw new CannotNormalize('$date: must begin with YYYY-MM-DD');
  return parsed.data;
}
