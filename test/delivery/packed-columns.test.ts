import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, unpack } from '../../src/delivery/store/packed-columns.ts';

test('any bytes come back as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      expect(unpack(pack(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('what compresses well takes one column', () => {
  const [row, ...others] = pack(Buffer.alloc(1_000_000, 'a'));
  expect(Object.keys(row ?? {})).toEqual(['d0']);
  expect(others).toEqual([]);
});

test.each([60_000, 720_000, 1_048_576, 5_000_000])('%i bytes that do not compress', (size) => {
  const bytes = randomBytes(size);
  const rows = pack(bytes);
  expect(rows).toHaveLength(Math.ceil((size + 1) / 720_000));
  for (const row of rows) {
    const columns = Object.values(row).map(({ length }) => length);
    expect(Math.max(...columns)).toBeLessThanOrEqual(64 * 1024);
    expect(columns.reduce((sum, length) => sum + length)).toBeLessThan(1024 * 1024);
  }
  expect(unpack(rows).equals(bytes)).toBe(true);
});

test('other columns of the rows do not disturb', () => {
  const rows = pack(Buffer.from('{"id":1}')).map((row) => ({ headers: '[]', ...row, d: 'x', etag: 'y' }));
  expect(unpack(rows).toString()).toBe('{"id":1}');
});
