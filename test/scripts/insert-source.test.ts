import fc from 'fast-check';
import { expect, test } from 'vitest';
import { insertSource } from '../../scripts/add-source/insert-source.ts';

const entry = { kind: 'shopify', secrets: ['a'] };

test('the first source', () => {
  const expected = `{
  "sources": {
    "mine": { "kind": "shopify", "secrets": ["a"] }
  }
}
`;
  for (const text of ['{\n  "sources": {}\n}\n', '{\n  "sources": {\n  }\n}\n']) {
    expect(insertSource(text, 'mine', entry)).toBe(expected);
  }
});

test('one that does not fit on a line gets several, indented by two spaces', () => {
  const long = { ...entry, options: { types: ['x'.repeat(35), 'y'.repeat(20)], list: [] } };
  expect(insertSource('{\n  "sources": {}\n}\n', 'mine', long)).toBe(`{
  "sources": {
    "mine": {
      "kind": "shopify",
      "secrets": ["a"],
      "options": { "types": ["${'x'.repeat(35)}", "${'y'.repeat(20)}"], "list": [] }
    }
  }
}
`);
});

test.each([
  ['braces and quotes in texts', '{ "a": "}\\"{ sources", "sources": { "b": { "c": "{[\\\\" } } }'],
  [
    'other members named sources',
    '{ "a": { "sources": {} }, "sources": { "sources": { "d": 1 } }, "e": [{ "sources": {} }] }',
  ],
  ['a text that is "sources" before an object', '{ "a": ["sources", {}], "sources": { "b": {} } }'],
  ['tabs, and no line breaks', '{\t"sources":{"b":{"c":[]}}}'],
])('%s', (_, text) => {
  const expected = JSON.parse(text);
  expected.sources.mine = entry;
  const inserted = insertSource(text, 'mine', entry);
  expect(JSON.parse(inserted)).toEqual(expected);
});

test('whatever is there, it stays, and the new source is last', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.constantFrom(0, 1, 2, 4, '\t'),
      (members, sources, indent) => {
        const file = { ...members, sources };
        const text = JSON.stringify(file, null, indent);
        // Unless it is replaced: the script refuses a name that is taken.
        fc.pre(!Object.hasOwn(sources, 'mine'));
        const inserted = JSON.parse(insertSource(text, 'mine', entry));
        expect(inserted).toEqual({
          ...JSON.parse(text),
          sources: { ...JSON.parse(text).sources, mine: entry },
        });
      },
    ),
  );
});

test('a text without an object of sources', () => {
  expect(() => insertSource('{ "a": { "sources": {} } }', 'mine', entry)).toThrow('no object "sources"');
});
