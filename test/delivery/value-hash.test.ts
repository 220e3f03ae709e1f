import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOtherValue, valueHasher } from '../../src/delivery/record/value-hash.ts';

const hashOf = valueHasher('a-subscription-key');

test('equal values have the same hash, also of another instance', () => {
  expect(valueHasher('a-subscription-key')('Anna')).toBe(hashOf('Anna'));
  expect(hashOf('Anna')).toMatch(/^[\w-]{25}$/);
});

test('different texts have different hashes', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(hashOf(one) === hashOf(other)).toBe(one === other);
      expect(isOtherValue(hashOf(one), hashOf(other))).toBe(one !== other);
    }),
  );
  expect(hashOf('Anna')).not.toBe(hashOf('anna'));
});

test('without the key, it tells nothing of the value', () => {
  expect(valueHasher('another-subscription-key')('Anna')).not.toBe(hashOf('Anna'));
});

test('of hashes of two keys nobody knows whether they are of two texts', () => {
  const another = valueHasher('another-subscription-key');
  expect(isOtherValue(hashOf('Anna'), another('Berta'))).toBe(false);
  expect(isOtherValue(hashOf('Anna'), another('Anna'))).toBe(false);
  expect(isOtherValue(hashOf('Anna'), hashOf('Berta'))).toBe(true);
});
