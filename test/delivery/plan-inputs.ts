import fc from 'fast-check';
import type { PlanInput } from '../../src/delivery/customer/plan.ts';
import type { FieldState, Position } from '../../src/delivery/record/position.ts';
import { comparable } from '../../src/delivery/record/same-value.ts';
import { valueHasher } from '../../src/delivery/record/value-hash.ts';
import { addressFields, addressProperties } from '../../src/domain/address.ts';
import { changedFieldsSchema } from '../../src/domain/changed-fields.ts';
import { type FieldValue, fromPaths } from '../../src/domain/field-paths.ts';

export const hashOf = valueHasher('a-subscription-key');
const formerHashOf = valueHasher('the-key-before');
/** Some changes have no time of their own: every third one. */
const at = (minute: number, changeId: string): Position => ({
  ...(minute % 3 !== 2 && { occurredAt: minute }),
  receivedAt: minute,
  changeId,
});
export const receipt = { receivedAt: 5, changeId: 'own/0' };

// Few paths and few values, so that equal ones meet.
const paths = [
  'FirstName',
  'PrimaryPhone',
  'Username',
  'AssociateCustom.Field1',
  'AssociateCustom.Field2',
  ...addressFields.flatMap((field) => addressProperties.map((property) => `${field}.${property}`)),
];
const values: Readonly<Record<string, readonly string[]>> = {
  CountryCode: ['US', 'CA'],
  PrimaryPhone: ['8015550142', '(801) 555-0142', '1'],
};

/** One of the values that a path can have. */
function someValue(path: string, choice: number): string {
  const possible = values[path.split('.').at(-1) ?? ''] ?? ['x', 'y'];
  return possible[choice % possible.length] ?? '';
}

/** Some of the paths, each with what is made for it. Plain numbers: thousands of inputs are made. */
function somePaths<Made, Value>(
  made: fc.Arbitrary<Made>,
  of: (path: string, from: Made) => Value,
  minLength = 0,
) {
  return fc.array(fc.tuple(fc.nat(paths.length - 1), made), { minLength, maxLength: 12 }).map((pairs) =>
    Object.fromEntries(
      pairs.map(([place, from]): [string, Value] => {
        const path = paths[place] ?? '';
        return [path, of(path, from)];
      }),
    ),
  );
}

const choice = fc.nat(5);
const minute = fc.nat(9);
/** When it was applied, which value, by which key, and when a change to it is in doubt; not all of that, often. */
const madeState = fc.tuple(fc.nat(12), choice, fc.nat(4), fc.nat(60));

function stateOf(path: string, [applied, value, key, inDoubt]: [number, number, number, number]): FieldState {
  const hash = (key === 1 ? formerHashOf : hashOf)(comparable(path, someValue(path, value)));
  return {
    ...(applied < 10 && { applied: at(applied, 'other/0') }),
    ...(key > 0 && { hash }),
    ...(inDoubt < 10 && { inDoubt: at(inDoubt, 'other/1') }),
  };
}

/** Changes of all kinds, with what may be known when they are planned. */
export const inputs: fc.Arbitrary<PlanInput> = fc
  .record({
    fields: somePaths(choice, someValue, 1),
    times: somePaths(minute, (_, time) => new Date(time).toISOString()),
    states: somePaths(madeState, stateOf),
    held: fc.option(somePaths(choice, someValue), { nil: undefined, freq: 4 }),
    isStrict: fc.boolean(),
    isTimed: fc.boolean(),
  })
  .map(({ fields, times, states, held, isStrict, isTimed }) => ({
    change: {
      customer: { customerId: '7' },
      ...(isTimed && { occurredAt: new Date(5).toISOString(), occurredAtOf: times }),
      fields: changedFieldsSchema.parse(fromPaths(Object.entries(fields))),
    },
    receipt,
    states,
    held: held && new Map<string, FieldValue>(Object.entries(held)),
    hashOf,
    leftOut: [],
    isStrict,
  }));
