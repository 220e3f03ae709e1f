import { createHash } from 'node:crypto';
import { withBoundedTexts } from './bounded-texts.ts';
import { compileExpression } from './evaluation/compile.ts';
import { evaluate } from './evaluation/evaluate.ts';
import type { MappingResult } from './mapped-element.ts';
import { type ValidateOptions, validateOutput } from './validate-changes.ts';

export { MappingCompileError } from './evaluation/compile.ts';

/** A compiled mapping. */
export interface Mapping {
  /** Equal for equal texts: the first 12 hex digits of the SHA-256 of the mapping's text. */
  readonly hash: string;
  /**
   * What the payload says; `receivedAt` stands in for an absent `occurredAt`. `readAt`: when the payload was read, if that
   * was later than its delivery. Rejects only if the thread for mappings cannot be started.
   */
  map(
    payload: unknown,
    receivedAt: Date,
    readAt?: Date,
    options?: Pick<ValidateOptions, 'strict'>,
  ): Promise<MappingResult>;
}

/** Compiles a JSONata expression (https://docs.jsonata.org); `file` names it in messages. Throws {@link MappingCompileError}. */
export function compileMapping(
  file: string,
  expression: string,
  { regionWhereNone = 'empty' }: Pick<ValidateOptions, 'regionWhereNone'> = {},
): Mapping {
  compileExpression(file, expression, regionWhereNone);
  const mapping = { file, expression, regionWhereNone };
  return {
    hash: createHash('sha256').update(expression).digest('hex').slice(0, 12),
    async map(payload, receivedAt, readAt = receivedAt, options = {}) {
      const evaluated = await evaluate(mapping, withBoundedTexts(payload));
      if ('message' in evaluated)
        return { ok: false, violations: [{ path: '', message: evaluated.message }] };
      return validateOutput(evaluated.output, receivedAt, readAt, { ...options, regionWhereNone });
    },
  };
}
