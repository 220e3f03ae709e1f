import type * as z from 'zod';

/** One thing that is wrong with a value: where (`PrimaryAddress.City`) and what. Never holds the value itself. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

/** Every problem of a failed parse, by path. An unknown or a wrong key is reported under its own path. */
export function violationsOf(error: z.ZodError): Violation[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a known name' }));
  });
}
