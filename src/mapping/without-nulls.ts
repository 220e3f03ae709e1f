/** Deep enough for a change (fields, address, property); anything deeper is refused by the schema. */
const maxDepth = 5;

/** A copy without members that are `null` or absent: neither is sent. Arrays stay as they are. */
export function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > maxDepth) return value;
  const kept = Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined)
    .map(([name, member]): [string, unknown] => [name, withoutNulls(member, depth + 1)]);
  return Object.fromEntries(kept);
}
