import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { looksLikeXml, parseXml } from '../../src/sources/salesforce/xml-body.ts';

const parse = (text: string) => parseXml(Buffer.from(text));

test('elements, namespaces, attributes, text and CDATA', () => {
  const root = parse(
    '\ufeff<?xml version="1.0" encoding="utf-8"?>\n<a:b xmlns:a="urn:a" a:t="1"><c>x &amp; &#233;<![CDATA[<y>]]></c><c/></a:b>\n',
  );
  expect(root).toMatchObject({ name: 'b', namespace: 'urn:a' });
  expect(root.attributes.get('{urn:a}t')).toBe('1');
  expect(root.children.map(({ name, text }) => [name, text])).toEqual([
    ['c', 'x & é<y>'],
    ['c', ''],
  ]);
});

describe('is refused:', () => {
  const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`);
  test.each([
    ['a DTD', '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>', /DTD/],
    ['an external entity', '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', /DTD/],
    ['an entity bomb', `<!DOCTYPE a [<!ENTITY e0 "ha">${laughs.join('')}]><a>&e9;</a>`, /DTD/],
    ['an entity that is not of XML', '<a>&nbsp;</a>', /well-formed/],
    ['another encoding', '<?xml version="1.0" encoding="iso-8859-1"?><a/>', /UTF-8/],
    ['deep nesting', '<a>'.repeat(10_000) + '</a>'.repeat(10_000), /20 levels/],
    ['an unknown prefix', '<x:a/>', /well-formed/],
    ['an end too early', '<a><b>', /well-formed/],
    ['two roots', '<a/><b/>', /well-formed/],
    ['nothing', '', /well-formed/],
    ['text', 'Maria', /well-formed/],
  ])('%s', (_, text, reason) => {
    expect(() => parse(text)).toThrow(MalformedDelivery);
    expect(() => parse(text)).toThrow(reason);
    expect(() => parse(text)).not.toThrow(/Maria/);
  });

  test.each([
    ['ISO 8859-1', Buffer.from('<a>é</a>', 'latin1')],
    ['UTF-16', Buffer.from('\ufeff<a/>', 'utf16le')],
  ])('%s', (_, body) => expect(() => parseXml(body)).toThrow(MalformedDelivery));

  test('or read: whatever comes, nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string().map(Buffer.from)), (bytes) => {
        try {
          parseXml(Buffer.concat([Buffer.from('<a>'), bytes, Buffer.from('</a>')]));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDelivery);
        }
      }),
    );
  });
});

test.each([
  ['<a/>', true],
  ['\ufeff \n<a/>', true],
  ['{"a":"<a/>"}', false],
  ['', false],
])('%j can be XML: %s', (text, isXml) => expect(looksLikeXml(Buffer.from(text))).toBe(isXml));
