import { withBoundedTexts } from './bounded-texts.ts';
import type { RegionWhereNone } from './functions/index.ts';
import type { MappingResult } from './mapped-element.ts';
import { elementOf, readElement, violationsOf } from './read-element.ts';
import { withoutNulls } from './without-nulls.ts';

/** More changes than any sender puts into one delivery. */
const maxChanges = 5000;

export interface ValidateOptions {
  /** All or nothing: whatever cannot be used is a violation, and the result holds no element then. */
  readonly strict?: boolean;
  readonly regionWhereNone?: RegionWhereNone;
  /** Stands in for an absent `occurredAt`; absent: then the change has no time of its own. */
  readonly timeIfAbsent?: Date | undefined;
}

/**
 * Turns what a sender of the relay's own form gives (one object, an array of them, or nothing) into elements: nulls and
 * blanks dropped, what cannot be used left out under its path, objects that change nothing dropped. `readAt`: when it came, or
 * was read.
 */
export function validateChanges(given: unknown, readAt: Date, options: ValidateOptions = {}): MappingResult {
  return validateOutput(withBoundedTexts(given), readAt, options);
}

/** The same for what a mapping yields from a payload whose texts are bounded. */
export function validateOutput(
  output: unknown,
  readAt: Date,
  { strict = false, regionWhereNone = 'empty', timeIfAbsent }: ValidateOptions,
): MappingResult {
  if (output === undefined || output === null) return { ok: true, elements: [] };
  const isList = Array.isArray(output);
  const items: unknown[] = isList ? [...output] : [output];
  if (items.length > maxChanges) {
    return { ok: false, violations: [{ path: '', message: `may hold at most ${maxChanges} changes` }] };
  }
  const readings = items.map((item) =>
    readElement(withoutNulls(item), { readAt, timeIfAbsent, regionWhereNone }),
  );
  if (strict) {
    const violations = readings.flatMap((reading, index) =>
      violationsOf(reading, isList ? `[${index}].` : ''),
    );
    if (violations.length > 0) return { ok: false, violations };
  }
  const elements = readings.flatMap((reading, index) => {
    const element = elementOf(reading);
    return element ? [{ ...element, ...(isList && { index }) }] : [];
  });
  return { ok: true, elements };
}
