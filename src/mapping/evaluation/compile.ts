import jsonata from 'jsonata';
import { mappingFunctions, type RegionWhereNone } from '../functions/index.ts';

/** Deepest chain of calls in a mapping: one that calls itself for ever is stopped there. */
const bounds = { stack: 200 };

/** A mapping that is not JSONata. Line and column count from 1. */
export class MappingCompileError extends Error {
  readonly code = 'mapping-does-not-compile';
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(file: string, expression: string, error: unknown) {
    const { line, column } = placeOf(expression, isJsonataError(error) ? error.position : 0);
    super(
      `${file}:${line}:${column} does not compile: ${isJsonataError(error) ? error.message : 'unknown error'}`,
    );
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** Compiles a JSONata expression (https://docs.jsonata.org) that can call {@link mappingFunctions}. Throws {@link MappingCompileError}. */
export function compileExpression(
  file: string,
  expression: string,
  regionWhereNone: RegionWhereNone,
): jsonata.Expression {
  try {
    const compiled = jsonata(expression, bounds);
    for (const [name, implementation] of Object.entries(mappingFunctions(regionWhereNone))) {
      compiled.registerFunction(name, implementation);
    }
    return compiled;
  } catch (error) {
    throw new MappingCompileError(file, expression, error);
  }
}

/**
 * What went wrong and where in the mapping. JSONata's own messages repeat values of the payload, so only its code is told
 * (https://docs.jsonata.org/errors).
 */
export function evaluationMessage(file: string, expression: string, error: unknown): string {
  if (!isJsonataError(error)) return `the mapping ${file} cannot be evaluated for this payload`;
  const { line, name } = placeOf(expression, error.position);
  const at = name === undefined ? '' : `, at ${name}`;
  return `the mapping ${file} fails for this payload: JSONata error ${error.code} in line ${line}${at}`;
}

/** The line and column of a character, and the field or variable whose value is written there. */
function placeOf(expression: string, position: unknown): { line: number; column: number; name?: string } {
  const before = expression.slice(0, Math.max(0, Number(position) || 0));
  const lines = before.split('\n');
  const place = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  const [, key, variable] = [...before.matchAll(/"(\w{1,60})"\s?:|(\$\w{1,60})\s?:=/g)].at(-1) ?? [];
  const name = key ?? variable;
  return name === undefined ? place : { ...place, name };
}

function isJsonataError(error: unknown): error is { code: string; position: number; message: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}
