import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fromRows,
  rowBytes,
  rowCharacters,
  textColumnNames,
  textColumns,
  textOf,
  toRows,
} from '../../src/delivery/store/columns.ts';

/** A column of a table holds 64 KiB, a row 1 MiB. */
const columnLimit = 64 * 1024;
const rowLimit = 1024 * 1024;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, next) => total + next, 0);

describe('bytes', () => {
  test('any of them come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(fromRows(toRows(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('of a part of a larger memory only that part is kept', () => {
    const bytes = Buffer.from('before{"id":1}after').subarray(6, 14);
    expect(toRows(bytes)).toEqual([{ d0: new Uint8Array(Buffer.from('{"id":1}')) }]);
  });

  test.each([0, 1, 59_999, 60_000, 60_001, 719_999, 720_000, 720_001, 1_048_576, 5_000_000])(
    '%i of them',
    (size) => {
      const bytes = randomBytes(size);
      const rows = toRows(bytes);
      expect(rows).toHaveLength(Math.max(1, Math.ceil(size / rowBytes)));
      for (const row of rows) {
        const columns = Object.values(row).map(({ length }) => length);
        expect(Math.max(...columns)).toBeLessThanOrEqual(columnLimit);
        expect(sum(columns)).toBeLessThan(rowLimit);
      }
      expect(fromRows(rows).equals(bytes)).toBe(true);
    },
  );

  test('other columns of the rows do not disturb', () => {
    const rows = toRows(Buffer.from('{"id":1}')).map((row) => ({
      headers: '[]',
      ...row,
      d: 'x',
      etag: 'y',
    }));
    expect(fromRows(rows).toString()).toBe('{"id":1}');
  });
});

describe('text', () => {
  test('any of it comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
        expect(textOf('record', textColumns('record', text))).toBe(text);
      }),
    );
  });

  test.each([0, 1, 30_000, 30_001, rowCharacters])('%i characters', (size) => {
    // A character that lies between two columns is cut in half and put together again.
    const text = '\u{1F600}'.repeat(Math.ceil(size / 2)).slice(0, size);
    const columns = textColumns('record', text);
    const bytes = Object.values(columns).map(({ length }) => 2 * length);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(columnLimit);
    expect(sum(bytes)).toBeLessThan(rowLimit);
    expect(textOf('record', columns)).toBe(text);
    expect(textColumnNames('record')).toEqual(expect.arrayContaining(Object.keys(columns)));
  });

  test('columns of other names do not disturb', () => {
    const row = { ...textColumns('fields', 'a'), ...textColumns('record', 'b'), record: 'c', recordx: 'd' };
    expect(textOf('fields', row)).toBe('a');
    expect(textOf('record', row)).toBe('b');
  });
});
