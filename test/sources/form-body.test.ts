import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { parseForm } from '../../src/sources/shared/form-body.ts';

const parse = (text: string) => parseForm(Buffer.from(text));

describe('a form', () => {
  test.each([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1+2%2B3&b=%C3%A9&c=é', { a: '1 2+3', b: 'é', c: 'é' }],
    ['a%5Bb%5D%5Bc%5D=1&a[b][d]=2&a[e]=', { a: { b: { c: '1', d: '2' }, e: '' } }],
    ['a[]=x&a[]=y&b[][c]=1', { a: { 0: 'x', 1: 'y' }, b: { 0: { c: '1' } } }],
    ['a=1&a=2', { a: '2' }],
    ['a[b=1&]c[=2&[d]=3&e[f]g=4', { 'a[b': '1', ']c[': '2', '[d]': '3', 'e[f]g': '4' }],
    ['', {}],
  ])('%s', (text, form) => expect(parse(text)).toEqual(form));

  test('names of inherited members are ordinary names', () => {
    const form = parse('__proto__[polluted]=1&a[__proto__][b]=2&constructor[prototype][c]=3&toString=4');
    expect(Object.keys(form)).toEqual(['__proto__', 'a', 'constructor', 'toString']);
    expect(Object.getPrototypeOf(form)).toBe(Object.prototype);
    expect(Object.keys({}.constructor.prototype)).toEqual([]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(JSON.stringify(form)).toContain('"__proto__":{"polluted":"1"}');
  });

  test.each([
    ['a text and several values', 'a=1&a[b]=2'],
    ['several values and a text', 'a[b]=2&a=1'],
    ['deeper than anybody needs', `a${'[b]'.repeat(20)}=1`],
    ['thousands of levels', `a${'[b]'.repeat(10_000)}=1`],
    ['no percent-encoding', 'a=%zz'],
    ['percent-encoding of ISO 8859-1', 'a=%E9'],
  ])('%s: malformed', (_, text) => expect(() => parse(text)).toThrow(MalformedDelivery));

  test('bytes that are not UTF-8: malformed', () => {
    expect(() => parseForm(Buffer.from('a=é', 'latin1'))).toThrow(MalformedDelivery);
  });

  test('whatever URLSearchParams writes is read back', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
        (flat) => {
          const names = Object.keys(flat).filter((name) => !/[[\]]/.test(name));
          const nested = new URLSearchParams(
            names.map((name): [string, string] => [`data[${name}]`, flat[name] ?? '']),
          );
          const expected = Object.fromEntries(names.map((name) => [name, flat[name]]));
          expect(parse(nested.toString())).toEqual(names.length > 0 ? { data: expected } : {});
        },
      ),
    );
  });

  test('nothing but a MalformedDelivery is ever thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          parseForm(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDelivery);
        }
      }),
    );
  });
});
