import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedPath, countedReason } from '../../src/delivery/record/left-out-metrics.ts';
import { addressFields, addressProperties } from '../../src/domain/address.ts';
import { fieldNames } from '../../src/domain/customer-patch.ts';

test.each([
  ['PrimaryPhone', 'PrimaryPhone'],
  ['PrimaryAddress.Region', 'PrimaryAddress.Region'],
  ['[2].EmailAddress', 'EmailAddress'],
  ['AssociateCustom.Field7', 'AssociateCustom'],
  ['customer.0.emailAddress', 'customer'],
  ['Shoesize', 'other'],
  ['PrimaryAddress.Floor', 'other'],
])('%s is counted as %s', (path, counted) => expect(countedPath(path)).toBe(counted));

test.each([
  ['is not a phone number, or without a country that would complete it', 'unreadable'],
  ['cannot be completed: Region is neither in the change nor in DirectScale', 'address-incomplete'],
  ['must not be empty, unless addresses of the country do without it', 'empty'],
  ['may not be sent: list it under "allow" in relay.json if it should', 'not-allowed'],
])('%s: %s', (reason, counted) => expect(countedReason(reason)).toBe(counted));

test('whatever a sender makes up, there are no more names than fields, and seven reasons', () => {
  const paths = fc.oneof(
    fc.string(),
    fc
      .constantFrom('AssociateCustom.', 'customer.', '[1].')
      .chain((start) => fc.string().map((end) => start + end)),
  );
  const counted = new Set(fc.sample(paths, 2000).map(countedPath));
  expect(counted.size).toBeLessThanOrEqual(
    fieldNames.length + addressFields.length * addressProperties.length + 3,
  );
  expect(new Set(fc.sample(fc.string(), 2000).map(countedReason)).size).toBeLessThanOrEqual(7);
});
