import { describe, expect, test } from 'vitest';
import { readReference } from '../../src/domain/customer-reference.ts';

const read = (written: unknown) => readReference(written).reference;
const reasonsOf = (written: unknown) => readReference(written).problems.map(({ path }) => path.join('.'));

describe('a reference as it is written', () => {
  test.each([
    ['an id', { customerId: '10542' }, { customerId: '10542' }],
    ['an id with spaces around it', { customerId: ' 10542 ' }, { customerId: '10542' }],
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
    ['empty values', [{ customerId: '' }, { username: null }, { webAlias: ' ' }, {}], { lookUp: [] }],
  ])('%s', (_, written, reference) => expect(read(written)).toEqual(reference));

  test('values keep the order in which they are written, in one object or in several', () => {
    const lookUp = [
      { by: 'emailAddress', value: 'a@example.com' },
      { by: 'backOfficeId', value: 'B1' },
    ];
    expect(read({ emailAddress: 'a@example.com', backOfficeId: 'B1' })).toEqual({ lookUp });
    expect(read([{ emailAddress: 'a@example.com' }, { backOfficeId: 'B1' }])).toEqual({ lookUp });
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

  test('what stands beside an id that cannot be read may be about somebody else', () => {
    const beside = { emailAddress: 'a@example.com' };
    expect(readReference({ customerId: 'x', ...beside }).isIdUnreadable).toBe(true);
    expect(readReference({ customerId: '7', ...beside }).isIdUnreadable).toBe(false);
    expect(readReference({ username: 'two words', ...beside })).toMatchObject({
      reference: { lookUp: [{ by: 'emailAddress' }] },
      isIdUnreadable: false,
    });
  });
});
