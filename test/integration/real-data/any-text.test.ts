import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RelayWithVendors, sampleFor, startRelayWithVendors } from './relay-with-vendors.ts';
import { wires } from './wires.ts';

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors();
});
afterAll(() => relay?.stop());

type Patch = Readonly<Record<string, unknown>>;

/** What becomes of a new customer by one delivery: what was written, what was told, and what was there before. */
async function became(name: string, texts: Readonly<Record<string, string>> = {}) {
  const id = relay.newCustomer();
  const { changes, patches } = await relay.deliver(name, sampleFor(name, id, texts), id);
  const told = changes.flatMap(({ leftOut = [] }) => leftOut);
  return {
    status: changes.map(({ status }) => status).join(),
    told: told.map(({ path }) => path.split('.')[0] ?? ''),
    reasons: told.map(({ reason }) => reason),
    equal: changes.flatMap(({ dropped }) => dropped.map((path) => path.split('.')[0] ?? '')),
    patch: Object.assign({}, ...(patches as Patch[])) as Patch,
  };
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Half surrogates, as JSON's \ud800 can name them.
  fc.string({ unit: fc.constantFrom('a', '@', '.', '\ud800', '\udc00'), maxLength: 8 }),
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
  fc.constantFrom(
    '801-555-0199 x204',
    'Nowhere',
    'Deutschland',
    '05/01/1990',
    'in',
    'a@b',
    '&lt;&#0;',
    '%',
    '</x>',
  ),
);

test.each(Object.entries(wires))(
  '%s: whatever text stands in one place, every other field is written, and this one is written or told',
  async (name, { sample }) => {
    const { patch: plain } = await became(name);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(sample.texts)), text, async (place, value) => {
        const fields = sample.texts[place] ?? [];
        const after = await became(name, { [place]: value });
        expect(after.status).toBe('applied');
        for (const [field, expected] of Object.entries(plain)) {
          if (!fields.includes(field)) expect(after.patch[field], field).toEqual(expected);
        }
        const first = fields[0] ?? '';
        // Zoho and Klaviyo write these words for a field without a value.
        const isBlank = !/[^\s\p{Cc}\p{Z}]/u.test(value) || ['null', 'None'].includes(value);
        const isWritten = Object.hasOwn(after.patch, first) || after.equal.includes(first);
        expect(isBlank || isWritten || after.told.includes(first)).toBe(true);
        if (value.length > 8) for (const reason of after.reasons) expect(reason).not.toContain(value);
      }),
      { numRuns: 12 },
    );
  },
  120_000,
);
