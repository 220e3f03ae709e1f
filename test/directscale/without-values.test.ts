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
