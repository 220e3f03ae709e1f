import type { Violation } from '../../domain/violation.ts';

/** A violation for each property of an address, by path, that neither the change nor the current address holds. */
export function missingParts(paths: readonly string[]): Violation[] {
  return paths.map((path) => ({
    path,
    message: 'is missing: the change does not hold it, and it cannot be taken from the current address',
  }));
}
