import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeAddress } from '../../src/delivery/customer/complete-address.ts';
import { type Address, addressProperties } from '../../src/domain/address.ts';

const current: Address = {
  Street1: '145 N 200 W',
  Street2: 'Apt 3',
  City: 'Provo',
  Region: 'UT',
  PostalCode: '84601',
  CountryCode: 'US',
};
const complete = (changed: Partial<Address>, held: Partial<Address> = current) =>
  completeAddress('PrimaryAddress', changed, held);

describe('an address', () => {
  test('keeps what did not change', () =>
    expect(complete({ City: 'Lehi' })).toEqual({ address: { ...current, City: 'Lehi' } }));

  test('that is whole needs no current one', () =>
    expect(complete(current, {})).toEqual({ address: current }));

  test('without a second line has none', () => {
    const { Street2: _, ...rest } = current;
    expect(complete({ City: 'Lehi' }, rest)).toEqual({ address: { ...rest, City: 'Lehi', Street2: '' } });
  });

  test('of which nobody knows a part is not complete: that part is named', () => {
    expect(complete({ City: 'Lehi' }, { ...current, PostalCode: '', Region: undefined as never })).toEqual({
      missing: ['Region', 'PostalCode'],
    });
    expect(complete({ Street1: '1 Main' }, {})).toEqual({
      missing: ['City', 'Region', 'PostalCode', 'CountryCode'],
    });
  });

  test('that DirectScale holds in a form that it would not take is not completed', () =>
    expect(complete({ City: 'Lehi' }, { ...current, CountryCode: 'USA' })).toEqual({
      missing: ['CountryCode'],
    }));

  test('in a country without a region yet takes the first region', () =>
    expect(complete({ Region: 'UT' }, { ...current, Region: '' })).toEqual({ address: current }));
});

test('a move is never mixed with the old address', () => {
  const text = fc.stringMatching(/^[A-Za-z0-9]{1,8}$/);
  const code = fc.constantFrom('US', 'CA', 'DE');
  const whole = fc.record({
    Street1: text,
    Street2: text,
    City: text,
    Region: text,
    PostalCode: text,
    CountryCode: code,
  });
  fc.assert(
    fc.property(
      whole,
      whole,
      fc.subarray([...addressProperties], { minLength: 1 }),
      (held, wanted, given) => {
        const changed = Object.fromEntries(given.map((property) => [property, wanted[property]]));
        const moves = (['Region', 'CountryCode'] as const).some(
          (property) =>
            given.includes(property) && wanted[property].toLowerCase() !== held[property].toLowerCase(),
        );
        const completed = complete(changed, held);
        // The second line is empty then, and the country that no change names is the one before.
        const mustBring = addressProperties.filter(
          (property) => !['Street2', 'CountryCode'].includes(property),
        );
        if (moves && !mustBring.every((property) => given.includes(property))) {
          expect(completed).toEqual({ missing: mustBring.filter((property) => !given.includes(property)) });
        } else {
          const rest = moves ? { Street2: '', CountryCode: held.CountryCode } : held;
          expect(completed).toEqual({ address: { ...rest, ...changed } });
        }
      },
    ),
  );
});

test('a region that cannot be read is the one of before only if DirectScale holds the same place', () => {
  const provo = { City: 'Provo', PostalCode: '84601', CountryCode: 'US' };
  const unreadable = (changed: Partial<Address>, held: Partial<Address>) =>
    completeAddress('PrimaryAddress', { Street1: '2 Elm St', ...changed }, held, ['Region']);
  expect(unreadable(provo, current)).toMatchObject({ address: { Region: 'UT' } });
  const { City: _, PostalCode: __, ...withoutPlace } = current;
  expect(unreadable({ ...provo, City: 'Reno', PostalCode: '89501' }, withoutPlace)).toEqual({
    missing: ['Region'],
  });
});
