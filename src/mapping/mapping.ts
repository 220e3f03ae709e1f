import { hash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Change } from '../domain/change.ts';
import type { Violation } from '../domain/violation.ts';
import { CannotNormalize } from './functions/cannot-normalize.ts';
import { mappingFunctions } from './functions/index.ts';
import { validateChanges } from './validate-changes.ts';

export { validateChanges } from './validate-changes.ts';

/**
 * Bounds of one evaluation, time in ms: a mapping that loops must not hold up a delivery. The first one also loads the
 * tables of countries and phone numbers, on a cold machine.
 */
const bounds = { timeout: 5000, stack: 200 };

/** A change, and who made it in the system that it comes from, where that is told. */
export type MappedChange = Change & { readonly changedBy?: string };

/** Every change that a payload makes, in the order in which the mapping yields them, or everything that is wrong with what the mapping yields. */
export type MappingResult =
  | { readonly ok: true; readonly changes: MappedChange[] }
  | { readonly ok: false; readonly violations: Violation[] };

/** A compiled mapping. */
export interface Mapping {
  /** The beginning of the SHA-256 of its text, in hex. */
  readonly hash: string;
  /**
   * Never throws; `receivedAt` stands in for an absent `occurredAt`. `readAt`: when the payload was read, if that was
   * later than its delivery.
   */
  map(payload: unknown, receivedAt: Date, readAt?: Date): Promise<MappingResult>;
}

/** A mapping that is not JSONata. Line and column count from 1. */
export class MappingCompileError extends Error {
  readonly code = 'mapping-does-not-compile';
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(file: string, expression: string, error: unknown) {
    const position = isJsonataError(error) ? Math.max(0, Number(error.position) || 0) : 0;
    const before = expression.slice(0, position).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    super(
      `${file}:${line}:${column} does not compile: ${isJsonataError(error) ? error.message : 'unknown error'}`,
    );
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** Compiles a JSONata expression (https://docs.jsonata.org). Throws {@link MappingCompileError}. */
export function compileMapping(file: string, expression: string): Mapping {
  const compiled = compile(file, expression);
  return {
    hash: hash('sha256', expression).slice(0, 12),
    async map(payload, receivedAt, readAt) {
      try {
        return validateChanges(await compiled.evaluate(payload), receivedAt, readAt);
      } catch (error) {
        return { ok: false, violations: [{ path: '', message: evaluationMessage(file, error) }] };
      }
    },
  };
}

function compile(file: string, expression: string): jsonata.Expression {
  try {
    const compiled = jsonata(expression, bounds);
    for (const [name, implementation] of Object.entries(mappingFunctions)) {
      compiled.registerFunction(name, implementation);
    }
    return compiled;
  } catch (error) {
    throw new MappingCompileError(file, expression, error);
  }
}

/** JSONata's own messages repeat values of the payload, so only its code is told (https://docs.jsonata.org/errors). */
function evaluationMessage(file: string, error: unknown): string {
  if (error instanceof CannotNormalize) return error.message;
  if (!isJsonataError(error)) return `the mapping ${file} cannot be evaluated for this payload`;
  return `the mapping ${file} fails for this payload: JSONata error ${error.code} at character ${error.position}`;
}

function isJsonataError(error: unknown): error is { code: string; position: number; message: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}
