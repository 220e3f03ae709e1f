import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutValues } from '../../src/directscale/without-values.ts';

const maria = {
  EmailAddress: 'maria.jensen@example.com',
  LastName: 'Jensen',
  PrimaryPhone: '8015551234',
  PrimaryAddress: { City: 'Lehi', Region: 'ID', CountryCode: 'US' },
};

test.each([
  [
    'MARIA.JENSEN@example.com of Jensen in LEHI is taken',
    '[EmailAddress] of [LastName] in [PrimaryAddress.City] is taken',
  ],
  ['CustomerID must be VALID', 'CustomerID must be VALID'],
  ['Region ID of US', 'Region [PrimaryAddress.Region] of [PrimaryAddress.CountryCode]'],
  ['trust us, it is an id', 'trust us, it is an id'],
  ['Lehigh is not a city of JensenCo', 'Lehigh is not a city of JensenCo'],
  ['+18015551234 is no phone', '+1[PrimaryPhone] is no phone'],
  ['name=Jensen_8015551234', 'name=[LastName]_[PrimaryPhone]'],
])('%s', (message, expected) => {
  expect(withoutValues(message, maria)).toBe(expected);
});

test('marks in a value stand for themselves', () => {
  expect(withoutValues('no $& (x].*', { LastName: '$& (x].*' })).toBe('no [LastName]');
});

describe('a value that JSON encodes', () => {
  const values = {
    LastName: "O'Brien",
    PrimaryPhone: '+18015550142',
    CompanyName: '12 "Old" Mill & Co',
    Street1: 'Zoë\nStraße 1\\2',
  };
  // As .NET writes it by default: every letter beyond ASCII, and what HTML has a meaning for.
  const asNet = (value: unknown) =>
    JSON.stringify(value).replace(/[^ -~]|['+&]|\\"/g, (found) => {
      const code = found === '\\"' ? 0x22 : found.charCodeAt(0);
      return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
    });
  const cleaned = {
    message: '[LastName] [PrimaryPhone] [CompanyName] [Street1]',
  };
  const said = { message: Object.values(values).join(' ') };

  test.each([
    ['as JSON.stringify does', JSON.stringify(said)],
    ['as .NET does', asNet(said)],
    ['in a text that is cut off', asNet(said).slice(0, -2)],
  ])('is found %s', (_, words) => {
    expect(`${withoutValues(words, values).replace(/("})?$/, '')}"}`).toBe(JSON.stringify(cleaned));
  });

  test('is found whole, also if another value is a part of it', () => {
    const found = withoutValues(asNet(said), { ...values, City: 'Mill', Street2: 'Brien' });
    expect(found).toBe(JSON.stringify(cleaned));
  });

  test('is found in JSON in JSON', () => {
    const found = withoutValues(asNet({ inner: asNet(said) }), values);
    expect(found).toContain(cleaned.message);
  });

  test('where there is none, the words stay as they are', () => {
    expect(withoutValues('C:\\new \\u0041 {"a":"\\n"}', values)).toBe('C:\\new \\u0041 {"a":"\\n"}');
  });
});

test('letters of every script make words', () => {
  const values = { FirstName: 'Åsa', LastName: '王小明' };
  expect(withoutValues('Åsa 王小明 Åsas', values)).toBe('[FirstName] [LastName] Åsas');
});

describe('whatever the value', () => {
  test('it is gone where it stands alone', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 2, maxLength: 30, unit: 'grapheme' }).filter((text) => text === text.trim()),
        (value) => {
          const cleaned = withoutValues(`no "${value}" here`, { Q: value });
          if (value.length > 1) expect(cleaned).toBe('no "[Q]" here');
        },
      ),
    );
  });
});
