import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

test('reads any JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      fc.pre(!/\d{16}/.test(JSON.stringify(value)));
      expect(parseJson(Buffer.from(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('keeps every digit of a long whole number', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (id) => {
      const { read } = parseJson(Buffer.from(`{"read":${id}}`)) as { read: number | string };
      expect(String(read)).toBe(String(id));
    }),
  );
});

test('arbitrary bytes are read or refused, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parseJson(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedDelivery);
      }
    }),
  );
});

test.each([
  ['10,000 levels', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['a million open brackets', '['.repeat(1_000_000)],
  ['levels and a long number', `${'['.repeat(5000)}12345678901234567890${']'.repeat(5000)}`],
  ['nothing', ''],
  ['half a value', '{"a":1'],
])('%s: refused, without a word of the body', (_, text) => {
  expect(() => parseJson(Buffer.from(text))).toThrow(MalformedDelivery);
});

test('brackets inside strings are not levels; a byte order mark is allowed; bytes that are not UTF-8 are not', () => {
  expect(parseJson(Buffer.from(`["${'['.repeat(500)}\\"{"]`))).toEqual([`${'['.repeat(500)}"{`]);
  expect(parseJson(Buffer.from('\ufeff{}'))).toEqual({});
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(MalformedDelivery);
});

test('__proto__ is a key like any other', () => {
  const read = parseJson(Buffer.from('{"__proto__":{"polluted":1}}'));
  expect(Object.keys(read as object)).toEqual(['__proto__']);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});
