import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOf, readLinks } from '../../console/pages/links/csv.ts';

test('a line is read as a library for CSV reads it', () => {
  const field = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9 ,"@/-]{0,12}$/),
    fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
  );
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
      const line = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
      const [expected] = parse(line, { relax_column_count: true }) as string[][];
      expect(fieldsOf(line)).toEqual(expected?.map((text) => text.trim()));
    }),
  );
});

test.each(['"open', 'a"b', '"a"b,c', 'a,"'])('%s is not CSV', (line) => {
  expect(fieldsOf(line)).toBeUndefined();
});

test('columns in any order, any line ends, a byte order mark, empty lines', () => {
  const text = '\uFEFFcustomerId, source,recordId\r\n1,shop,a\n\n2,shop,b\r';
  expect(readLinks(text, '')).toEqual([
    { line: 2, content: { source: 'shop', recordId: 'a', customerId: '1' } },
    { line: 4, content: { source: 'shop', recordId: 'b', customerId: '2' } },
  ]);
});

test('the source may be named beside the file', () => {
  expect(readLinks('recordId,customerId\na,1', 'shop')).toEqual([
    { line: 2, content: { source: 'shop', recordId: 'a', customerId: '1' } },
  ]);
  expect(readLinks('recordId,customerId\na,1', '')).toBeUndefined();
});
