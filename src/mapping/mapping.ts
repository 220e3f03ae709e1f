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
  /** The expression. */
  readonly text: string;
  /**
   * What the payload says. `readAt`: when it came, or was read. Rejects only if the thread for mappings cannot be started.
   */
  map(
    payload: unknown,
    readAt: Date,
    options?: Pick<ValidateOptions, 'strict' | 'timeIfAbsent'>,
  ): Promise<MappingResult>;
}

/**
 * Compiles a JSONata expression (https://docs.jsonata.org); `file` names it in messages. `isDraft`: somebody tries it out once.
 * Throws {@link MappingCompileError}.
 */
export function compileMapping(
  file: string,
  expression: string,
  {
    regionWhereNone = 'empty',
    isDraft = false,
  }: Pick<ValidateOptions, 'regionWhereNone'> & { readonly isDraft?: boolean } = {},
): Mapping {
  compileExpression(file, expression, regionWhereNone);
  const mapping = { file, expression, regionWhereNone, isDraft };
  return {
    hash: createHash('sha256').update(expression).digest('hex').slice(0, 12),
    text: expression,
    async map(payload, readAt, options = {}) {
      const evaluated = await evaluate(mapping, withBoundedTexts(payload));
      if ('message' in evaluated)
        return { ok: false, violations: [{ path: '', message: evaluated.message }] };
      return validateOutput(evaluated.output, readAt, { ...options, regionWhereNone });
    },
  };
}
