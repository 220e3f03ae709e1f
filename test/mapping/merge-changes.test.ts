import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/domain/change.ts';
import type { ChangedFields } from '../../src/domain/changed-fields.ts';
import { fieldsOf } from '../../src/domain/field-paths.ts';
import type { MappedElement } from '../../src/mapping/mapped-element.ts';
import { mergeChanges, mergeElements } from '../../src/mapping/merge-changes.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 23, 12, 0, second)).toISOString();
const change = (customerId: string, second: number, fields: ChangedFields) =>
  ({ customer: { customerId }, occurredAt: at(second), fields }) satisfies Change;

describe('changes to one customer become one', () => {
  test('the newest value of each field counts, and keeps its own time', () => {
    const merged = mergeChanges([
      change('7', 2, { FirstName: 'Anna', LastName: 'Berg' }),
      change('7', 1, { FirstName: 'Ana', TaxId: '1' }),
      change('7', 3, { LastName: 'Holm' }),
    ]);
    expect(merged).toEqual([
      {
        customer: { customerId: '7' },
        occurredAt: at(3),
        occurredAtOf: { FirstName: at(2), TaxId: at(1) },
        fields: { FirstName: 'Anna', LastName: 'Holm', TaxId: '1' },
      },
    ]);
  });

  test('each custom field counts for itself', () => {
    const [merged] = mergeChanges([
      change('7', 2, { AssociateCustom: { Field1: 'new' } }),
      change('7', 1, { AssociateCustom: { Field1: 'old', Field2: 'kept' } }),
    ]);
    expect(merged?.fields).toEqual({ AssociateCustom: { Field1: 'new', Field2: 'kept' } });
    expect(merged?.occurredAtOf).toEqual({ 'AssociateCustom.Field2': at(1) });
  });

  test('of the same time, the later one in the delivery counts', () => {
    const merged = mergeChanges([
      change('7', 1, { FirstName: 'first' }),
      change('7', 1, { FirstName: 'second' }),
    ]);
    expect(merged).toEqual([change('7', 1, { FirstName: 'second' })]);
  });
});

test('each property of an address counts for itself', () => {
  const [merged] = mergeChanges([
    change('7', 2, { PrimaryAddress: { City: 'Lehi' } }),
    change('7', 1, { PrimaryAddress: { City: 'Orem', Street1: '1 Main' } }),
  ]);
  expect(merged?.fields).toEqual({ PrimaryAddress: { City: 'Lehi', Street1: '1 Main' } });
  expect(merged?.occurredAtOf).toEqual({ 'PrimaryAddress.Street1': at(1) });
});

test('records without a customer stay apart by record, then by reference', () => {
  const of = (recordId: string | undefined, value: string) => ({
    customer: { lookUp: [{ by: 'emailAddress' as const, value }] },
    ...(recordId !== undefined && { recordId }),
    occurredAt: at(1),
    fields: { FirstName: 'x' },
  });
  const [first, second, third] = [
    of('1', 'a@example.com'),
    of('2', 'a@example.com'),
    of(undefined, 'a@example.com'),
  ];
  expect(mergeChanges([first, second, third, of('1', 'b@example.com'), third])).toHaveLength(3);
});

test('customers stay apart, in the order of their first appearance', () => {
  const changes = [change('9', 2, { FirstName: 'Nina' }), change('3', 1, { FirstName: 'Tara' })];
  expect(mergeChanges(changes)).toEqual(changes);
  const again = change('9', 3, { LastName: 'Dahl' });
  expect(mergeChanges([...changes, again]).map(({ customer }) => customer)).toEqual([
    { customerId: '9' },
    { customerId: '3' },
  ]);
});

test('nothing stays nothing', () => {
  expect(mergeChanges([])).toEqual([]);
});

test('what has no time of its own stays apart from what has one, and comes in its order', () => {
  const { occurredAt: _, ...untimed } = change('9', 1, { FirstName: 'first', LastName: 'Dahl' });
  const later = { ...untimed, fields: { FirstName: 'second' } };
  const timed = change('9', 2, { FirstName: 'timed' });
  expect(mergeChanges([untimed, timed, later])).toEqual([
    { ...untimed, fields: { FirstName: 'second', LastName: 'Dahl' } },
    timed,
  ]);
});

test('whatever is merged, each path holds its newest value and time', () => {
  const value = fc.string();
  const fields = fc
    .record({ FirstName: value, LastName: value, Field1: value, Field2: value }, { requiredKeys: [] })
    .filter((given) => Object.keys(given).length > 0)
    .map(({ Field1, Field2, ...plain }): ChangedFields => {
      const custom = { ...(Field1 !== undefined && { Field1 }), ...(Field2 !== undefined && { Field2 }) };
      return { ...plain, ...(Object.keys(custom).length > 0 && { AssociateCustom: custom }) };
    });
  const changes = fc.array(
    fc.tuple(fc.constantFrom('7', '8'), fc.nat(4), fields).map((parts) => change(...parts)),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(changes, (given) => {
      const expected = new Map<string, [value: unknown, time: string | undefined]>();
      for (const one of given.toSorted((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt))) {
        for (const [path, held] of fieldsOf(one.fields))
          expected.set(`${JSON.stringify(one.customer)} ${path}`, [held, one.occurredAt]);
      }
      const merged = mergeChanges(given).flatMap(({ customer, fields, occurredAt, occurredAtOf }) =>
        fieldsOf(fields).map(([path, held]): [string, [unknown, string | undefined]] => [
          `${JSON.stringify(customer)} ${path}`,
          [held, occurredAtOf?.[path] ?? occurredAt],
        ]),
      );
      expect(merged).toHaveLength(expected.size);
      expect(new Map(merged)).toEqual(expected);
    }),
  );
});

describe('what was left out', () => {
  const bad = (path: string) => ({ path, reason: 'is bad' });
  const element = (second: number, fields: ChangedFields, ...leftOut: string[]): MappedElement => ({
    type: 'change',
    change: change('7', second, fields),
    leftOut: leftOut.map(bad),
  });
  const withoutFields = (customerId: string, ...paths: string[]): MappedElement => ({
    type: 'unusable',
    customerId,
    violations: paths.map((path) => ({ path, message: 'is bad' })),
    leftOut: paths.map(bad),
  });

  test('is told with the merged change, unless a later one brings a value', () => {
    const merged = mergeElements([
      element(1, { FirstName: 'Ana' }, 'PrimaryPhone', 'EmailAddress'),
      element(2, { PrimaryPhone: '+1' }, 'BirthDate'),
    ]);
    expect(merged).toMatchObject([{ type: 'change', leftOut: [bad('EmailAddress'), bad('BirthDate')] }]);
    expect(
      mergeElements([element(2, { LastName: 'B' }, 'FirstName'), element(1, { FirstName: 'A' })]),
    ).toMatchObject([{ leftOut: [bad('FirstName')] }]);
  });

  test('of an element without any other field is told with the others of its customer', () => {
    expect(mergeElements([element(1, { FirstName: 'Ana' }), withoutFields('7', 'PrimaryPhone')])).toEqual([
      element(1, { FirstName: 'Ana' }, 'PrimaryPhone'),
    ]);
    expect(mergeElements([withoutFields('7', 'TextPhone'), withoutFields('7', 'PrimaryPhone')])).toEqual([
      withoutFields('7', 'TextPhone', 'PrimaryPhone'),
    ]);
    expect(mergeElements([element(1, { FirstName: 'Ana' }), withoutFields('8', 'TextPhone')])).toHaveLength(
      2,
    );
  });

  test('of an element without any other field is told, unless a later one brings a value', () => {
    const bare = (second: number) => ({ ...withoutFields('7', 'PrimaryPhone'), occurredAt: at(second) });
    const phone = element(2, { PrimaryPhone: '+1' });
    expect(mergeElements([phone, bare(1)])).toMatchObject([{ leftOut: [] }]);
    expect(mergeElements([bare(3), phone])).toMatchObject([{ leftOut: [bad('PrimaryPhone')] }]);
  });

  test('of an address takes with it what an older element said of that part: it is of another place', () => {
    const [provo, toronto] = [
      { Street1: '1 Elm St', City: 'Provo', Region: 'UT', CountryCode: 'US' },
      { Street1: '5 King St', City: 'Toronto', CountryCode: 'CA' },
    ];
    const region = 'PrimaryAddress.Region';
    const merged = mergeElements([
      element(1, { PrimaryAddress: provo, FirstName: 'Ana' }),
      element(2, { PrimaryAddress: toronto }, region, 'FirstName'),
    ]);
    expect(merged).toMatchObject([
      {
        change: { fields: { PrimaryAddress: toronto, FirstName: 'Ana' } },
        leftOut: [bad(region), bad('FirstName')],
      },
    ]);
    const [one] = merged;
    expect(one?.type === 'change' && one.change.fields.PrimaryAddress).not.toHaveProperty('Region');
  });

  test('what no mapping made keeps its place between the others', () => {
    const forAPerson = { type: 'for-a-person', reason: 'a deletion' } as const;
    const first = element(1, { FirstName: 'Ana' });
    const other = withoutFields('8', 'TextPhone');
    expect(mergeElements([first, forAPerson, forAPerson, other])).toEqual([
      first,
      forAPerson,
      forAPerson,
      other,
    ]);
    const merged = mergeElements([first, forAPerson, element(2, { LastName: 'B' })]);
    expect(merged.map(({ type }) => type)).toEqual(['change', 'for-a-person']);
  });

  test('an element that cannot be read stays for itself', () => {
    const unreadable: MappedElement = {
      type: 'unusable',
      customerId: '7',
      violations: [{ path: 'occurredAt', message: 'must be a time' }],
      leftOut: [],
    };
    expect(mergeElements([unreadable, element(1, { FirstName: 'Ana' })])).toEqual([
      element(1, { FirstName: 'Ana' }),
      unreadable,
    ]);
    const nobody: MappedElement = { type: 'unusable', violations: [], leftOut: [] };
    expect(mergeElements([nobody, { ...nobody }])).toEqual([nobody, nobody]);
  });
});
