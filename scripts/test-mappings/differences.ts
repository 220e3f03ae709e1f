import { isDeepStrictEqual } from 'node:util';

/** Where two JSON values differ, each with its path: `changes.0.fields.FirstName: expected "Lea", got nothing`. */
export function differences(expected: unknown, got: unknown, path = ''): string[] {
  if (isDeepStrictEqual(expected, got)) return [];
  if (isContainer(expected) && isContainer(got) && Array.isArray(expected) === Array.isArray(got)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(got)]);
    return [...names].flatMap((name) =>
      differences(Reflect.get(expected, name), Reflect.get(got, name), path ? `${path}.${name}` : name),
    );
  }
  return [`${path || '(the whole)'}: expected ${shown(expected)}, got ${shown(got)}`];
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
