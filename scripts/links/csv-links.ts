import { type FileHandle, open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { Unusable } from '../../cli/errors.ts';

/** A line of the file: the link that it says, or what is wrong with it. */
export interface CsvLine {
  /** Counted from 1, the header included. */
  readonly line: number;
  /** As it stands in the file. */
  readonly text: string;
  readonly content: LinkToSet | { readonly error: string };
}

export interface LinkToSet {
  readonly source: string;
  readonly recordId: string;
  readonly customerId: string;
}

export interface CsvFile extends AsyncDisposable {
  /** As the file has it, for a file of rejected lines. */
  readonly header: string;
  readonly bytes: number;
  /** The lines after the header, the empty ones left out. To be read once. */
  readonly lines: AsyncIterable<CsvLine>;
}

/**
 * Opens a CSV file (RFC 4180, UTF-8 with or without a byte order mark, any line ends) with the columns source, recordId
 * and customerId in any order; without source where `source` names it. Read line by line: no id holds a line break, so
 * an open quote spoils only its own line. Throws {@link Unusable}.
 */
export async function openCsv(path: string, source: string | undefined): Promise<CsvFile> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { size: bytes } = await file.stat();
    const lines = linesOf(file, path);
    const first = await lines.next();
    const header = first.done ? '' : first.value.replace(/^\uFEFF/, '');
    const columns = columnsOf(header, source);
    return {
      header,
      bytes,
      lines: read(lines, columns, source),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* linesOf(file: FileHandle, path: string): AsyncGenerator<string, undefined> {
  try {
    yield* file.readLines({ encoding: 'utf8', autoClose: false });
  } catch (error) {
    throw unreadable(path, error);
  }
}

const unreadable = (path: string, error: unknown): Unusable =>
  new Unusable(`${path} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);

function columnsOf(header: string, source: string | undefined): readonly string[] {
  const wanted = [...(source === undefined ? ['source'] : []), 'recordId', 'customerId'];
  const fields = fieldsOf(header);
  if (Array.isArray(fields) && fields.toSorted().join() === wanted.toSorted().join()) return fields;
  const hint = source === undefined ? ' (or recordId,customerId, with --source)' : ', as --source is given';
  throw new Unusable(`The first line must be ${wanted.join()}${hint}. Nothing was imported.`);
}

async function* read(
  lines: AsyncIterable<string>,
  columns: readonly string[],
  source: string | undefined,
): AsyncGenerator<CsvLine> {
  let line = 1;
  for await (const text of lines) {
    line++;
    if (text.trim() !== '') yield { line, text, content: linkOf(text, columns, source) };
  }
}

function linkOf(
  text: string,
  columns: readonly string[],
  source: string | undefined,
): LinkToSet | { readonly error: string } {
  // What is not UTF-8 was read as this character: the id would be another one.
  if (text.includes('\uFFFD')) return { error: 'is not UTF-8' };
  const fields = fieldsOf(text);
  if ('error' in fields) return fields;
  if (fields.length !== columns.length) {
    return { error: `has ${fields.length} columns instead of ${columns.length}` };
  }
  const field = (column: string) => fields[columns.indexOf(column)] ?? '';
  return {
    source: source ?? field('source'),
    recordId: field('recordId'),
    customerId: field('customerId'),
  };
}

function fieldsOf(line: string): string[] | { readonly error: string } {
  try {
    const [fields = []] = parse(line, { relax_column_count: true, trim: true });
    return fields.map((field) => field.trim());
  } catch (error) {
    if (error instanceof CsvError) return { error: 'is not CSV: a quotation mark is open, or out of place' };
    throw error;
  }
}
