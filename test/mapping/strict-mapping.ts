import type { Violation } from '../../src/domain/violation.ts';
import type { MappedChange, MappingResult } from '../../src/mapping/mapped-element.ts';
import { compileMapping } from '../../src/mapping/mapping.ts';

/** The changes of a payload, or everything that is wrong with it. */
export type StrictResult =
  | { readonly ok: true; readonly changes: readonly MappedChange[] }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** A mapping of which nothing is left out: whatever cannot be used is a violation. */
export function strictMapping(file: string, expression: string) {
  const mapping = compileMapping(file, expression);
  return {
    async map(payload: unknown, receivedAt: Date, readAt?: Date): Promise<StrictResult> {
      return strictResult(await mapping.map(payload, receivedAt, readAt, { strict: true }));
    },
  };
}

export function strictResult(result: MappingResult): StrictResult {
  if (!result.ok) return result;
  const changes = result.elements.map((element) => {
    if (element.type === 'unusable') throw new Error(JSON.stringify(element.violations));
    return element.change;
  });
  return { ok: true, changes };
}
