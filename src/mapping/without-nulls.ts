/** Deep enough for a change (fields, address, property); anything deeper is refused by the schema. */
const maxDepth = 5;

/**
 * A copy without members that are `null` or absent, and without objects that have nothing else: none of them is sent.
 * Arrays stay as they are.
 */
export function withoutNulls(value: unknown, depth = 0): unknown {
  if (!isObject(value) || depth > maxDepth) return value;
  const kept = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    if (member === null || member === undefined) return [];
    const clean = withoutNulls(member, depth + 1);
    const isEmptied = depth > 0 && isObject(clean) && Object.keys(clean).length === 0;
    return isEmptied ? [] : [[name, clean]];
  });
  return Object.fromEntries(kept);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
