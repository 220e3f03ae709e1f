import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import type { MappedElement } from '../../src/mapping/mapped-element.ts';
import { compileMapping } from '../../src/mapping/mapping.ts';
import { mergeElements } from '../../src/mapping/merge-changes.ts';
import { processorMsOf } from '../processor-time.ts';
import { samples } from './samples.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const names = (await readdir('mappings')).map((file) => file.replace('.jsonata', ''));
const read = (folder: string, name: string) => readFile(`${folder}/${name}.jsonata`, 'utf8');

/** The one element that a payload makes, once those of the same customer are merged. */
async function elementOf(folder: string, name: string, payload: unknown): Promise<MappedElement> {
  const mapping = compileMapping(name, await read(folder, name));
  const result = await mapping.map(payload, now);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  const [element, ...others] = mergeElements(result.elements);
  if (!element || others.length > 0) throw new Error(`${others.length + 1} elements`);
  const { index: _, ...rest } = element;
  return rest;
}

function fieldsOf(element: MappedElement): Readonly<Record<string, unknown>> {
  return element.type === 'change' ? element.change.fields : {};
}

/** A copy of a payload with another text at a place. */
function withText(payload: object, place: string, text: string): object {
  const copy: unknown = structuredClone(payload);
  const steps = place.split('.');
  const last = steps.pop() ?? '';
  let at = copy;
  for (const step of steps) at = Reflect.get(Object(at), step);
  Reflect.set(Object(at), last, text);
  return Object(copy);
}

test('there is a sample for each mapping', () => {
  expect(Object.keys(samples).sort()).toEqual([...names].sort());
});

describe.each(names)('mappings/%s.jsonata', (name) => {
  const { payload, texts } = samples[name] ?? { payload: {}, texts: {} };

  test('a mapping that was written for the functions of before gives the same', async () => {
    const before = await elementOf('test/mapping/before', name, payload);
    expect(before).toEqual(await elementOf('mappings', name, payload));
    expect(before).toMatchObject({ type: 'change', leftOut: [] });
  });

  test('a copy of before leaves out what cannot be used, and no more', async () => {
    for (const [place, fields] of Object.entries(texts)) {
      const element = await elementOf('test/mapping/before', name, withText(payload, place, '\u0001?'));
      const others = Object.entries(fieldsOf(await elementOf('mappings', name, payload))).filter(
        ([field]) => !fields.includes(field),
      );
      expect(fieldsOf(element), place).toMatchObject(Object.fromEntries(others));
    }
  });

  test('whatever a text is replaced by, every other field is as before, and this one arrives or is told', async () => {
    const before = fieldsOf(await elementOf('mappings', name, payload));
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        'n/a',
        ' ',
        '\n',
        '0',
        'null',
        'x'.repeat(600),
        ' '.repeat(20_000),
        '\u{100041}',
        '__proto__',
      ),
      fc.constantFrom('801-555-0199 x204', 'Nowhere', 'Deutschland', '05/01/1990', 'in', 'a@b', '&lt;&#0;'),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(texts)), text, async (place, value) => {
        const fields = texts[place] ?? [];
        const element = await elementOf('mappings', name, withText(payload, place, value));
        const after = fieldsOf(element);
        for (const [field, expected] of Object.entries(before)) {
          if (!fields.includes(field)) expect(after[field]).toEqual(expected);
        }
        const told = element.leftOut.map(({ path }) => path.split('.')[0]);
        // Zoho and Klaviyo write these words for a field without a value.
        const isBlank = !/[^\s\p{Cc}\p{Cf}\p{Z}\p{DI}]/u.test(value) || ['null', 'None'].includes(value);
        const first = fields[0] ?? '';
        expect(isBlank || told.includes(first) || Object.hasOwn(after, first)).toBe(true);
        for (const { reason } of element.leftOut) if (value.length > 8) expect(reason).not.toContain(value);
      }),
      { numRuns: 60 },
    );
  });

  test('uses no regular expression whose time grows faster than the text', async () => {
    const expressions = regularExpressionsIn(jsonata(await read('mappings', name)).ast());
    const pumps = [' ', '\n', '0', 'a', 'A', '_', ':', '-', '.', '\t\n', '0:', 'field_'];
    for (const expression of expressions) {
      expect(expression.source).toMatch(/^\^/);
      for (const pump of pumps) {
        const text = `${pump.repeat(60_000)}!`;
        const ms = await processorMsOf(() => new RegExp(expression.source, expression.flags).test(text));
        expect(ms, expression.source).toBeLessThan(500);
      }
    }
  });
});

function regularExpressionsIn(node: unknown): RegExp[] {
  if (node instanceof RegExp) return [node];
  if (typeof node !== 'object' || node === null) return [];
  return Object.values(node).flatMap(regularExpressionsIn);
}
