import { addressFields } from '../../src/domain/address.ts';
import type { LeftOut } from '../../src/domain/left-out.ts';
import type { Violation } from '../../src/domain/violation.ts';
import type { MappedChange, MappedElement, MappingResult } from '../../src/mapping/mapped-element.ts';
import { compileMapping } from '../../src/mapping/mapping.ts';

/** The changes of a payload, or why there is none. */
export type Changes =
  | { readonly ok: true; readonly changes: readonly MappedChange[] }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/**
 * A mapping whose changes are what delivery can send of them without asking DirectScale: an address of which a part cannot be
 * used goes as a whole, and a change of which nothing is left is none.
 */
export function mappingOf(file: string, expression: string) {
  const mapping = compileMapping(file, expression);
  return {
    async map(payload: unknown, readAt: Date): Promise<Changes> {
      return sendable(await mapping.map(payload, readAt));
    },
    /** What is left out, by path. */
    async leftOut(payload: unknown): Promise<readonly LeftOut[]> {
      const result = await mapping.map(payload, new Date());
      if (!result.ok) throw new Error(JSON.stringify(result.violations));
      return result.elements.flatMap(({ leftOut }) => leftOut);
    },
  };
}

function sendable(result: MappingResult): Changes {
  if (!result.ok) return result;
  const changes: MappedChange[] = [];
  const violations: Violation[] = [];
  for (const element of result.elements) {
    const change = sendableChange(element);
    if (change) changes.push(change);
    else if (element.type === 'unusable') violations.push(...element.violations);
    else violations.push(...element.leftOut.map(({ path, reason }) => ({ path, message: reason })));
  }
  return violations.length > 0 && changes.length === 0 ? { ok: false, violations } : { ok: true, changes };
}

function sendableChange(element: MappedElement): MappedChange | undefined {
  if (element.type === 'unusable') return undefined;
  const fields = { ...element.change.fields };
  for (const field of addressFields) {
    if (element.leftOut.some(({ path }) => path.startsWith(`${field}.`) && isNotSent(fields[field], path))) {
      delete fields[field];
    }
  }
  return Object.keys(fields).length === 0 ? undefined : { ...element.change, fields };
}

/** A region that cannot be used is told, too, where the country's addresses do without it. */
function isNotSent(address: object | undefined, path: string): boolean {
  return !address || !Object.hasOwn(address, path.split('.')[1] ?? '');
}

/** All or nothing. */
export function strictResult(result: MappingResult): Changes {
  if (!result.ok) return result;
  return {
    ok: true,
    changes: result.elements.map((element) => {
      if (element.type === 'unusable') throw new Error(JSON.stringify(element.violations));
      return element.change;
    }),
  };
}
