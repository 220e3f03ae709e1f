import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileMapping, MappingCompileError, validateChanges } from '../../src/mapping/mapping.ts';

const receivedAt = new Date('2026-11-23T12:00:00.000Z');
const customer = { customerId: '10542' };

function changesOf(output: unknown) {
  const result = validateChanges(output, receivedAt);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return result.changes;
}

function violationsOf(output: unknown) {
  const result = validateChanges(output, receivedAt);
  if (result.ok) throw new Error('there is no violation');
  return result.violations.map(({ path }) => path).sort();
}

describe('a mapping that does not compile', () => {
  test.each([
    ['{\n  "customer": {\n    "customerId": id +\n  }\n}', 4],
    ['{ "fields": ', 1],
    ['/* a */\n\n$$$(', 3],
  ])('%j is reported with file and line %i', (expression, line) => {
    const compile = () => compileMapping('mine.jsonata', expression);
    expect(compile).toThrow(MappingCompileError);
    expect(compile).toThrow(new RegExp(`^mine\\.jsonata:${line}:\\d+ does not compile: `));
  });
});

describe('a mapping that fails', () => {
  test('is a violation that names the error and the place, not the payload', async () => {
    const mapping = compileMapping('m.jsonata', '{ "customer": { "customerId": $number(name) } }');
    const result = await mapping.map({ name: 'Ada Private' }, receivedAt);
    expect(result).toEqual({
      ok: false,
      violations: [
        {
          path: '',
          message: expect.stringMatching(/^the mapping m\.jsonata fails .* D3030 at character \d+$/),
        },
      ],
    });
  });

  test('is stopped when it does not come to an end', async () => {
    const endless = compileMapping('m.jsonata', '($f := function($x) { $f($x + 1) }; $f(1))');
    expect(await endless.map({}, receivedAt)).toMatchObject({ ok: false });
    const deep = compileMapping('m.jsonata', '($f := function($x) { 1 + $f($x + 1) }; $f(1))');
    expect(await deep.map({}, receivedAt)).toMatchObject({ ok: false });
  });
});

test('a JSONata array is an array like any other', async () => {
  const mapping = compileMapping(
    'm',
    'people.{ "customer": { "customerId": id }, "fields": { "FirstName": name } }',
  );
  const result = await mapping.map(
    {
      people: [
        { id: 1, name: 'Ada' },
        { id: 2, name: 'Bo' },
      ],
    },
    receivedAt,
  );
  expect(result).toMatchObject({
    ok: true,
    changes: [{ fields: { FirstName: 'Ada' } }, { fields: { FirstName: 'Bo' } }],
  });
});

describe('what a mapping yields', () => {
  test('null and absent are not sent, "" is; an object that says nothing is dropped', () => {
    expect(
      changesOf({ customer, fields: { FirstName: null, LastName: undefined, CompanyName: '' } }),
    ).toEqual([{ customer, occurredAt: receivedAt.toISOString(), fields: { CompanyName: '' } }]);
    expect(
      changesOf([
        { customer, fields: { FirstName: null } },
        { customer: {}, fields: {} },
      ]),
    ).toEqual([]);
    expect(changesOf(undefined)).toEqual([]);
  });

  test.each([
    ['2026-11-20T14:03:22-07:00', '2026-11-20T21:03:22.000Z'],
    ['2026-11-20T21:03:22.123456Z', '2026-11-20T21:03:22.123Z'],
    [1_763_672_602, '2025-11-20T21:03:22.000Z'],
    [1_763_672_602_500, '2025-11-20T21:03:22.500Z'],
    ['1763672602', '2025-11-20T21:03:22.000Z'],
    [undefined, receivedAt.toISOString()],
  ])('occurredAt %s is %s', (occurredAt, expected) => {
    expect(changesOf({ customer, occurredAt, fields: { FirstName: 'Ada' } })[0]?.occurredAt).toBe(expected);
  });

  test.each([
    '2026-11-20 14:03:22',
    '2026-11-20T14:03:22',
    'yesterday',
    -1,
    1e300,
    {},
    '2026-11-23T12:06:00Z',
  ])('occurredAt %o is a violation', (occurredAt) =>
    expect(violationsOf({ customer, occurredAt, fields: { FirstName: 'Ada' } })).toEqual(['occurredAt']),
  );

  test('every violation is listed by path, in an array with its index', () => {
    const wrong = {
      customer: { customerId: 'x' },
      fields: { Nickname: 'A', PrimaryAddress: { City: '', CountryCode: 'USA', Street3: 'x' } },
      extra: 1,
    };
    const paths = [
      'customer.customerId',
      'extra',
      'fields.Nickname',
      'fields.PrimaryAddress.City',
      'fields.PrimaryAddress.CountryCode',
      'fields.PrimaryAddress.Street3',
    ];
    expect(violationsOf(wrong)).toEqual(paths);
    const good = { customer, fields: { FirstName: 'Ada' } };
    expect(violationsOf([good, wrong])).toEqual(paths.map((path) => `[1].${path}`));
  });

  test('an id may be a number, but not one that has lost digits', () => {
    expect(changesOf({ customer: { customerId: 10542 }, fields: { FirstName: 'A' } })[0]?.customer).toEqual(
      customer,
    );
    expect(violationsOf({ customer: { customerId: 2 ** 60 }, fields: { FirstName: 'A' } })).toEqual([
      'customer.customerId',
    ]);
  });

  test('whatever it yields: changes or violations, no throw, no pollution', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything({ withNullPrototype: true }),
          fc.json().map((text) => JSON.parse(text)),
        ),
        (output) => {
          const result = validateChanges(output, receivedAt);
          expect(result.ok ? result.changes : result.violations).toBeInstanceOf(Array);
          expect(Reflect.get({}, 'polluted')).toBeUndefined();
        },
      ),
    );
  });
});

test.each([
  [{ customer: {}, fields: {} }],
  [{ customer: { customerId: null }, fields: { FirstName: null } }],
  [{ customer: [{ customerId: null }, { emailAddress: null }], fields: {} }],
])('neither a customer nor a field, %j, is a violation: that nothing changed is not known', (output) => {
  expect(validateChanges(output, receivedAt)).toEqual({
    ok: false,
    violations: [{ path: '', message: 'neither a customer nor a field was found in the payload' }],
  });
  const change = { customer, fields: { FirstName: 'Ada' } };
  expect(validateChanges([output, change], receivedAt)).toMatchObject({ ok: true, changes: [change] });
});

test.each([
  [undefined],
  [null],
  [[]],
  [{ customer, fields: {} }],
  [{ recordId: '7', fields: { FirstName: null } }],
  [{ customer: { emailAddress: 'ada@example.com' }, fields: {} }],
])('a customer without a field, or nothing at all, %j, is no change', (output) => {
  expect(validateChanges(output, receivedAt)).toEqual({ ok: true, changes: [] });
});
