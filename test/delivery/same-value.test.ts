import { expect, test } from 'vitest';
import { isSameValue } from '../../src/delivery/record/same-value.ts';

test.each([
  ['FirstName', 'Ada', ' Ada ', true],
  ['FirstName', 'Ada', 'ADA', false],
  ['FirstName', '', '', true],
  ['FirstName', '', 'Ada', false],
  ['FirstName', 'Ada', undefined, false],
  ['PrimaryPhone', '(801) 555-0142', '8015550142', true],
  ['PrimaryPhone', '+1 801 555 0142', '8015550142', false],
  ['PrimaryPhone', 'ext', 'x', false],
  ['TextPhone', '', '', true],
  ['LanguageCode', 'en', 'EN', true],
  ['PrimaryAddress.CountryCode', 'US', 'us', true],
  ['PrimaryAddress.Region', 'UT', 'ut', true],
  ['PrimaryAddress.City', 'Lehi', 'LEHI', false],
  ['BirthDate', '1990-05-01T00:00:00', '1990-05-01T00:00:00Z', true],
  ['BirthDate', '1990-05-02T00:00:00', '1990-05-01T00:00:00Z', false],
  ['TaxId', '123456789', '*****6789', false],
  ['AssociateCustom.Field1', 'gold', 'gold', true],
] as const)('%s: %o and %o: %o', (path, wanted, held, same) =>
  expect(isSameValue(path, wanted, held)).toBe(same),
);
