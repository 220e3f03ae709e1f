import { describe, expect, test } from 'vitest';
import { writtenReferenceSchema } from '../../src/domain/customer-reference.ts';

const read = (written: unknown) => writtenReferenceSchema.safeParse(written);
const reasonsOf = (written: unknown) => read(written).error?.issues.map(({ path }) => path.join('.'));

describe('a reference as it is written', () => {
  test.each([
    ['an id', { customerId: '10542' }, { customerId: '10542' }],
    ['an id as a number', { customerId: 10542 }, { customerId: '10542' }],
    [
      'a value to look up',
      { emailAddress: ' a@example.com ' },
      { lookUp: [{ by: 'emailAddress', value: 'a@example.com' }] },
    ],
    ['a number to look up', { backOfficeId: 77 }, { lookUp: [{ by: 'backOfficeId', value: '77' }] }],
    [
      'an id beside other values decides alone',
      [{ username: 'x' }, { customerId: '1' }],
      { customerId: '1' },
    ],
    ['nothing', [], { lookUp: [] }],
    ['empty values', [{ customerId: '' }, { username: null }, {}], { lookUp: [] }],
  ])('%s', (_, written, reference) => expect(read(written).data).toEqual(reference));

  test('values keep the order in which they are written, in one object or in several', () => {
    const lookUp = [
      { by: 'emailAddress', value: 'a@example.com' },
      { by: 'backOfficeId', value: 'B1' },
    ];
    expect(read({ emailAddress: 'a@example.com', backOfficeId: 'B1' }).data).toEqual({ lookUp });
    expect(read([{ emailAddress: 'a@example.com' }, { backOfficeId: 'B1' }]).data).toEqual({ lookUp });
  });

  test.each([
    [{ customerId: 'x' }, ['customerId']],
    [{ customerId: 2 ** 60 }, ['customerId']],
    [{ username: 'two words' }, ['username']],
    [{ username: 'x'.repeat(321) }, ['username']],
    [{ email: 'a@example.com' }, ['email']],
    [{ toString: 'x' }, ['toString']],
    [[{ username: 'fine' }, { webAlias: {} }], ['1.webAlias']],
    ['10542', ['']],
    [[7], ['0']],
  ])('%o is refused', (written, paths) => expect(reasonsOf(written)).toEqual(paths));
});
