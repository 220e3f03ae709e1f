/** A column of a table holds 64 KiB: so many bytes, or half as many characters. A row holds 1 MiB in all. */
const columnBytes = 60_000;
const columnCharacters = 30_000;
const columnsPerRow = 12;

/** The largest content of one row, in bytes and in characters. */
export const rowBytes = columnBytes * columnsPerRow;
export const rowCharacters = columnCharacters * columnsPerRow;

/** Spreads bytes over as many rows of binary columns (`d0`, `d1`, …) as they need; at least one. */
export function toRows(bytes: Uint8Array): Record<string, Uint8Array>[] {
  return slices(bytes.length, rowBytes).map(([start, end]) =>
    Object.fromEntries(
      slices(end - start, columnBytes).map(([from, to], column) => [
        `d${column}`,
        new Uint8Array(bytes.subarray(start + from, start + to)),
      ]),
    ),
  );
}

/** The bytes that {@link toRows} spread over these rows. */
export function fromRows(rows: readonly Readonly<Record<string, unknown>>[]): Buffer {
  const columns = rows.flatMap((row) =>
    Array.from({ length: columnsPerRow }, (_, column) => row[`d${column}`]).filter(
      (value): value is Uint8Array => value instanceof Uint8Array,
    ),
  );
  return Buffer.concat(columns);
}

/** Spreads a text over as many columns (`name0`, `name1`, …) as it needs. At most {@link rowCharacters} fit. */
export function textColumns(name: string, text: string): Record<string, string> {
  return Object.fromEntries(
    slices(text.length, columnCharacters).map(([from, to], column) => [
      `${name}${column}`,
      text.slice(from, to),
    ]),
  );
}

/** The text that {@link textColumns} spread over columns of this name. */
export function textOf(name: string, row: object): string {
  const columns = Array.from({ length: columnsPerRow }, (_, column) => Reflect.get(row, `${name}${column}`));
  return columns.filter((column) => typeof column === 'string').join('');
}

/** The names of the columns that {@link textOf} reads. */
export const textColumnNames = (name: string): string[] =>
  Array.from({ length: columnsPerRow }, (_, column) => `${name}${column}`);

function slices(length: number, size: number): [start: number, end: number][] {
  const count = Math.max(1, Math.ceil(length / size));
  return Array.from({ length: count }, (_, i) => [i * size, Math.min((i + 1) * size, length)]);
}
