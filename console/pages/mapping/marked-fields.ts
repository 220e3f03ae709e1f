/** How a field stands to what the source's own mapping makes of it. */
export type Mark = 'same' | 'added' | 'changed' | 'removed';

export interface MarkedField {
  readonly path: string;
  readonly value: string;
  readonly mark: Mark;
}

type Values = Readonly<Record<string, unknown>>;

/** The fields of a patch by path, `PrimaryAddress.City`, each beside that of another patch; absent: nothing is marked. */
export function markedFields(fields: Values, before: Values | undefined): MarkedField[] {
  const now = valuesByPath(fields);
  if (!before) return [...now].map(([path, value]) => ({ path, value, mark: 'same' }));
  const then = valuesByPath(before);
  const paths = new Set([...now.keys(), ...then.keys()]);
  return [...paths].map((path) => {
    const value = now.get(path);
    const old = then.get(path);
    if (value === undefined) return { path, value: old ?? '', mark: 'removed' };
    if (old === undefined) return { path, value, mark: 'added' };
    return { path, value, mark: old === value ? 'same' : 'changed' };
  });
}

function valuesByPath(fields: Values): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'object' && value !== null)
      for (const [part, inner] of Object.entries(value)) values.set(`${name}.${part}`, String(inner));
    else values.set(name, String(value));
  }
  return values;
}
