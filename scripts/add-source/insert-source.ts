/** As wide as the formatter of this repository makes a line. */
const lineWidth = 110;

/**
 * The text of a relay.json with one more source, everything else as it was written. Indents by two spaces; a source
 * that fits on one line gets one. Throws for a text without an object `sources`.
 */
export function insertSource(text: string, name: string, entry: object): string {
  const { start, end } = placeOfSources(text);
  const before = text.slice(0, end).trimEnd();
  const isFirst = before.length === start + 1;
  return `${before}${isFirst ? '' : ','}\n${member(name, entry, '    ')}\n  ${text.slice(end)}`;
}

/** Where the braces of the top-level member `sources` are, in a text that is JSON. */
function placeOfSources(text: string): { start: number; end: number } {
  let depth = 0;
  let start: number | undefined;
  let lastText = '';
  // Texts and brackets; nothing else matters here.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token.startsWith('"')) {
      lastText = token;
    } else if (token === '{' || token === '[') {
      if (depth === 1 && token === '{' && lastText === '"sources"') start = index;
      depth++;
    } else {
      depth--;
      if (depth === 1 && start !== undefined) return { start, end: index };
    }
  }
  throw new Error('it has no object "sources"');
}

/** A member of an object: on one line where that is not too long. */
function member(name: string, value: unknown, indent: string): string {
  const start = `${indent}${JSON.stringify(name)}: `;
  const line = start + onOneLine(value);
  // A comma may follow.
  if (line.length < lineWidth || typeof value !== 'object' || value === null || Array.isArray(value))
    return line;
  const members = Object.entries(value).map(([name, inner]) => member(name, inner, `${indent}  `));
  return `${start}{\n${members.join(',\n')}\n${indent}}`;
}

/** With spaces inside braces and behind commas and colons, as the formatter writes it. */
function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}: ${onOneLine(inner)}`,
  );
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}';
}
