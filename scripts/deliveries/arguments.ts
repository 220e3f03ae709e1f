import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from '../../cli/errors.ts';
import { parsePointInTime } from './point-in-time.ts';

export const text = { type: 'string' } as const;
export const flag = { type: 'boolean', default: false } as const;

/** Which relay, and who acts. */
export const relayOptions = { url: text, as: text } as const;

/** Which changes. */
export const filterOptions = {
  status: text,
  reason: text,
  source: text,
  'found-by': text,
  customer: text,
  field: text,
  record: text,
  'left-out': flag,
  since: text,
  until: text,
} as const;

type FilterName = Exclude<keyof typeof filterOptions, 'left-out'>;
type FilterValues = Partial<Record<FilterName, string | undefined>> & { readonly 'left-out'?: boolean };

/** The query of the API that the filter options say. Throws a {@link UsageError} for what is no time. */
export function queryOf(values: FilterValues): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['status', 'reason', 'source', 'customer', 'field', 'record'] as const) {
    if (values[name] !== undefined) query.set(name, values[name]);
  }
  if (values['found-by'] !== undefined) query.set('foundBy', values['found-by']);
  if (values['left-out']) query.set('leftOut', 'true');
  const now = new Date();
  for (const name of ['since', 'until'] as const) {
    const given = values[name];
    if (given !== undefined) query.set(name, readTime(name, given, now).toISOString());
  }
  return query;
}

/** A time as an operator writes it. Throws a {@link UsageError} for what is none. */
export function readTime(option: string, given: string, now: Date): Date {
  const time = parsePointInTime(given, now);
  if (!time) throw new UsageError(`--${option} ${given} is not a time`);
  return time;
}

/** The options of a command, and what it is about. Throws a {@link UsageError} for too many or too few arguments. */
export function parse<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Options,
  subjects: 0 | 1 | 'either',
) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const wanted = subjects === 'either' ? Math.min(positionals.length, 1) : subjects;
  if (positionals.length !== wanted) {
    throw new UsageError(wanted === 1 ? 'name one, and only one' : 'too many arguments');
  }
  return { values, subject: positionals[0] ?? '' };
}
