/** A line of a CSV file of links: the link that it says, or what is wrong with it. `line` counts from 1, with the header. */
export interface CsvLine {
  readonly line: number;
  readonly content: LinkToSet | { readonly error: string };
}

export interface LinkToSet {
  readonly source: string;
  readonly recordId: string;
  readonly customerId: string;
}

/**
 * Reads a CSV file (RFC 4180) whose first line names the columns source, recordId and customerId in any order; without
 * source where `source` names it. No id holds a line break, so an open quote spoils only its own line. Undefined: the
 * first line says something else.
 */
export function readLinks(text: string, source: string): readonly CsvLine[] | undefined {
  const [header = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const columns = fieldsOf(header) ?? [];
  const wanted = [...(source ? [] : ['source']), 'recordId', 'customerId'];
  if (columns.toSorted().join() !== wanted.toSorted().join()) return undefined;
  return lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [{ line: index + 2, content: linkOf(line, columns, source) }],
  );
}

function linkOf(line: string, columns: readonly string[], source: string): CsvLine['content'] {
  const fields = fieldsOf(line);
  if (!fields) return { error: 'is not CSV: a quotation mark is open, or out of place' };
  if (fields.length !== columns.length)
    return { error: `has ${fields.length} columns instead of ${columns.length}` };
  const field = (name: string) => fields[columns.indexOf(name)] ?? '';
  return { source: source || field('source'), recordId: field('recordId'), customerId: field('customerId') };
}

/** The fields of one line, trimmed; undefined: a quotation mark is open, or out of place. */
export function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const found = /^\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/.exec(rest);
    if (!found) return undefined;
    const [whole, quoted, plain = '', end] = found;
    fields.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === '') return fields;
    rest = rest.slice(whole.length);
  }
}
