import { gunzipSync, gzipSync } from 'node:zlib';

/** A binary column of a table holds 64 KiB, a row 1 MiB in all. */
const columnBytes = 60_000;
const columnsPerRow = 12;

/** Compresses bytes into as many rows of binary columns (`d0`, `d1`, …) as they need. */
export function pack(bytes: Uint8Array): Record<string, Uint8Array>[] {
  const packed = gzipSync(bytes);
  const rows: Record<string, Uint8Array>[] = [];
  const rowBytes = columnBytes * columnsPerRow;
  for (let start = 0; start < packed.length; start += rowBytes) {
    const row: Record<string, Uint8Array> = {};
    for (let column = 0; column < columnsPerRow; column++) {
      const from = start + column * columnBytes;
      if (from < packed.length) row[`d${column}`] = new Uint8Array(packed.subarray(from, from + columnBytes));
    }
    rows.push(row);
  }
  return rows;
}

/** The bytes that {@link pack} made into these rows. */
export function unpack(rows: readonly Readonly<Record<string, unknown>>[]): Buffer {
  const columns = rows.flatMap((row) =>
    Array.from({ length: columnsPerRow }, (_, column) => row[`d${column}`]).filter(
      (value): value is Uint8Array => value instanceof Uint8Array,
    ),
  );
  return gunzipSync(Buffer.concat(columns));
}
