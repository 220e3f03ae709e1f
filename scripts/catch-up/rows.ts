import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { Unusable } from '../../cli/errors.ts';
import { elementsOf } from './json-array.ts';

/** A payload of a file. */
export interface Row {
  /** Counted from 1, in the order of the file. */
  readonly row: number;
  readonly json: string;
  /** How far into the file it reaches, about. */
  readonly bytesRead: number;
}

const readers: Readonly<Record<string, (path: string) => AsyncIterable<Row>>> = {
  '.csv': csvRows,
  '.jsonl': lineRows,
  '.ndjson': lineRows,
  '.json': arrayRows,
};

/**
 * The payloads of a file, read as they are needed: `.csv` (with a header; `a.b` is the member b of a), `.jsonl` and
 * `.ndjson` (JSON Lines), `.json` (an array). The iteration throws {@link Unusable}, which names the row.
 */
export function rowsOf(path: string): AsyncIterable<Row> {
  const read = readers[extname(path).toLowerCase()];
  if (!read) throw new Unusable(`${path}: the name must end in ${Object.keys(readers).join(', ')}.`);
  return read(path);
}

/** RFC 4180, UTF-8. */
async function* csvRows(path: string): AsyncGenerator<Row> {
  const parser = parse({ columns: headerOf, bom: true, skip_empty_lines: true, trim: true });
  const file = createReadStream(path);
  // An error of one ends the other: pipe alone does not do that.
  file.on('error', (error) => parser.destroy(error));
  let row = 0;
  try {
    for await (const record of file.pipe(parser)) {
      for (const value of Object.values<string>(record)) inUtf8(value);
      row++;
      yield { row, json: JSON.stringify(nested(record)), bytesRead: file.bytesRead };
    }
  } catch (error) {
    throw unreadable(path, row + 1, error);
  } finally {
    file.destroy();
  }
}

function headerOf(names: readonly string[]): string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Unusable(`The header names ${twice || 'an empty column'} twice.`);
  names.forEach(inUtf8);
  return [...names];
}

/** Columns named `address.city` make an object `address`. An empty cell says nothing. */
function nested(record: Readonly<Record<string, string>>): object {
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(record)) {
    const path = name.split('.');
    const last = path.pop() ?? '';
    let at = result;
    for (const member of path) {
      const inner = at[member];
      const next: Record<string, unknown> = isObject(inner) ? inner : Object.create(null);
      at[member] = next;
      at = next;
    }
    at[last] = value;
  }
  return result;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** https://jsonlines.org */
async function* lineRows(path: string): AsyncGenerator<Row> {
  let row = 0;
  let bytesRead = 0;
  try {
    for await (const line of linesOf(path)) {
      bytesRead += Buffer.byteLength(line) + 1;
      const json = line.replace(/^\uFEFF/, '').trim();
      if (json === '') continue;
      const payload = checked(json);
      yield { row: ++row, json: payload, bytesRead };
    }
  } catch (error) {
    throw unreadable(path, row + 1, error);
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

async function* arrayRows(path: string): AsyncGenerator<Row> {
  let row = 0;
  const file = createReadStream(path, { encoding: 'utf8' });
  try {
    for await (const json of elementsOf(file)) {
      const payload = checked(json);
      yield { row: ++row, json: payload, bytesRead: file.bytesRead };
    }
  } catch (error) {
    throw unreadable(path, row + 1, error);
  } finally {
    file.destroy();
  }
}

/** The text itself is sent, so that no digit of a long number is lost. */
function checked(json: string): string {
  inUtf8(json);
  JSON.parse(json);
  return json;
}

/** What is not UTF-8 was read as this character: it would be written to DirectScale. */
function inUtf8(text: string): void {
  if (text.includes('\uFFFD')) throw new Unusable('it is not UTF-8. Save the file as UTF-8');
}

function unreadable(path: string, row: number, error: unknown): Error {
  // Names the line itself: rows before it may not have been handed over yet.
  if (error instanceof CsvError) return new Unusable(`${path} cannot be read: ${error.message}`);
  if (error instanceof SyntaxError || error instanceof Unusable)
    return new Unusable(`${path}: row ${row} cannot be read: ${error.message}`);
  if (error instanceof Error && 'code' in error) return error;
  return new Unusable(`${path} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
}
