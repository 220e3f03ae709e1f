import { expect, test } from 'vitest';
import * as z from 'zod';
import { violationsOf } from '../../src/domain/violation.ts';

const schema = z.strictObject({
  city: z.string({ error: 'must be text' }),
  fields: z.record(z.string().regex(/^Field\d$/, { error: 'must be named Field1, Field2, …' }), z.string()),
});

const violations = (value: unknown) => {
  const { error } = schema.safeParse(value);
  return error ? violationsOf(error) : [];
};

test('every problem has its path and says what is wrong, but not the value', () => {
  expect(
    violations({ city: 7, fields: { Field1: 'a', Colour: 'private' }, street: 'private', zip: 1 }),
  ).toEqual([
    { path: 'city', message: 'must be text' },
    { path: 'fields.Colour', message: 'must be named Field1, Field2, …' },
    { path: 'street', message: 'is not a known name' },
    { path: 'zip', message: 'is not a known name' },
  ]);
  expect(violations({ city: 'Lehi', fields: {} })).toEqual([]);
});
