import type * as z from 'zod';
import { type Violation, violationsOf } from '../domain/violation.ts';
import { ProblemError } from './problem.ts';

/** What a schema reads in a part of a request. Throws a 422 problem that lists everything that is wrong, by path. */
export function validated<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(violationsOf(parsed.error));
}

/** The 422 problem for a request of which something is wrong. */
export function invalid(violations: readonly Violation[]): ProblemError {
  return new ProblemError('invalid', { detail: 'Correct what is listed under violations.', violations });
}
