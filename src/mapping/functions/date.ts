import * as z from 'zod';
import { unusable } from '../unusable.ts';
import { givenText } from './given-text.ts';

const isoDate = z.iso.date();

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthNames = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october'],
  ...['november', 'december', 'sept', ...months],
];

/**
 * `$date(text, order)`: the day `YYYY-MM-DD` of a date as it was written, never shifted by a zone. Read is what cannot be
 * read in two ways: ISO 8601 dates and date-times (also `YYYYMMDD`, `YYYY/M/D`), a month by its English name
 * (`13 May 1990`, `May 13, 1990`), numbers of which one is above 12 (`13.5.1990`, `5/13/1990`). `order` (`"dmy"` or
 * `"mdy"`) says in which order the sender writes the others. Absent and blank stay absent, "" stays ""; otherwise an unusable
 * text that carries the reason.
 */
export function date(value: unknown, order?: unknown): string | undefined {
  const given = givenText(value);
  if ('answer' in given) return given.answer;
  const day = yearFirst(given.text) ?? withMonthName(given.text) ?? inNumbers(given.text, order);
  const parsed = isoDate.safeParse(day);
  return parsed.success
    ? parsed.data
    : unusable('is not a date that can be read in one way only, such as YYYY-MM-DD');
}

function yearFirst(text: string): string | undefined {
  const [, year, month, day] =
    /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:$|[T ])/.exec(text) ??
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text) ??
    [];
  return inOrder(year, month, day);
}

function withMonthName(text: string): string | undefined {
  const [first = '', second = '', year, ...more] = text.split(/[\s,.-]+/).filter((part) => part !== '');
  if (more.length > 0 || !year || !/^\d{4}$/.test(year)) return undefined;
  const [day, name] = /^\d/.test(first) ? [first, second] : [second, first];
  const [, number] = /^(\d{1,2})(?:st|nd|rd|th)?$/i.exec(day) ?? [];
  const month = months.indexOf(name.slice(0, 3).toLowerCase()) + 1;
  if (!number || !monthNames.includes(name.toLowerCase())) return undefined;
  return inOrder(year, String(month), number);
}

function inNumbers(text: string, order: unknown): string | undefined {
  const [, first, second, year] = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text) ?? [];
  if (order === 'dmy' || Number(first) > 12) return inOrder(year, second, first);
  if (order === 'mdy' || Number(second) > 12) return inOrder(year, first, second);
  return undefined;
}

function inOrder(year?: string, month?: string, day?: string): string | undefined {
  return year && month && day ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : undefined;
}
