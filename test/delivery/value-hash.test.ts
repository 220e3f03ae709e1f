import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueHasher } from '../../src/delivery/record/value-hash.ts';

const hashOf = valueHasher('a-subscription-key');
const address = { Street1: '1 Main St', City: 'Lehi', CountryCode: 'US' };

test('equal values have the same hash, also of another instance', () => {
  expect(valueHasher('a-subscription-key')('Anna')).toBe(hashOf('Anna'));
  expect(hashOf('Anna')).toMatch(/^[\w-]{22}$/);
});

test('the order of members does not count', () => {
  const turned = Object.fromEntries(Object.entries(address).reverse());
  expect(hashOf(turned)).toBe(hashOf(address));
  expect(hashOf({ outer: turned })).toBe(hashOf({ outer: address }));
});

test.each<[string, unknown, unknown]>([
  ['another text', 'Anna', 'anna'],
  ['text and number', '1', 1],
  ['empty and absent', { Street2: '' }, {}],
  ['another member', address, { ...address, City: 'Provo' }],
  ['another name of the member', { Street1: 'x' }, { Street2: 'x' }],
  ['text that looks like an object', '{"City":"Lehi"}', { City: 'Lehi' }],
])('differs: %s', (_, one, other) => {
  expect(hashOf(one)).not.toBe(hashOf(other));
});

test('different texts have different hashes', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(hashOf(one) === hashOf(other)).toBe(one === other);
    }),
  );
});

test('without the key, it tells nothing of the value', () => {
  expect(valueHasher('another-subscription-key')('Anna')).not.toBe(hashOf('Anna'));
});
