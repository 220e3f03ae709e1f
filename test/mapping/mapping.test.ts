import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileMapping, MappingCompileError } from '../../src/mapping/mapping.ts';
import { validateChanges } from '../../src/mapping/validate-changes.ts';
import { strictResult } from './mapping-result.ts';

const receivedAt = new Date('2026-11-23T12:00:00.000Z');
const customer = { customerId: '10542' };

function changesOf(output: unknown) {
  const result = strictResult(validateChanges(output, receivedAt, { strict: true }));
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return result.changes;
}

function violationsOf(output: unknown) {
  const result = validateChanges(output, receivedAt, { strict: true });
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
          message:
            'the mapping m.jsonata fails for this payload: JSONata error D3030 in line 1, at customerId',
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
    elements: [{ change: { fields: { FirstName: 'Ada' } } }, { change: { fields: { FirstName: 'Bo' } } }],
  });
});

describe('what a mapping yields', () => {
  test('null and absent are not sent, "" is; an object that says nothing is dropped', () => {
    expect(
      changesOf({ customer, fields: { FirstName: null, LastName: undefined, CompanyName: '' } }),
    ).toEqual([{ customer, fields: { CompanyName: '' } }]);
    expect(
      changesOf([
        { customer, fields: { FirstName: null } },
        { customer, fields: { PrimaryAddress: {} } },
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
    [undefined, undefined],
  ])('occurredAt %s is %s', (occurredAt, expected) => {
    expect(changesOf({ customer, occurredAt, fields: { FirstName: 'Ada' } })[0]?.occurredAt).toBe(expected);
  });

  test('what stands in for an absent occurredAt is used only then', () => {
    const timeOf = (occurredAt?: string) => {
      const given = { customer, occurredAt, fields: { FirstName: 'Ada' } };
      const result = strictResult(
        validateChanges(given, receivedAt, { strict: true, timeIfAbsent: receivedAt }),
      );
      return result.ok && result.changes[0]?.occurredAt;
    };
    expect(timeOf()).toBe(receivedAt.toISOString());
    expect(timeOf('2026-11-20T21:03:22Z')).toBe('2026-11-20T21:03:22.000Z');
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
          expect(result.ok ? result.elements : result.violations).toBeInstanceOf(Array);
          expect(Reflect.get({}, 'polluted')).toBeUndefined();
        },
      ),
    );
  });
});

describe('each field and each element for itself', () => {
  const read = (output: unknown, options = {}) => validateChanges(output, receivedAt, options);
  const changeIn = (output: unknown, options = {}) => {
    const result = read(output, options);
    const element = result.ok ? result.elements[0] : undefined;
    if (element?.type !== 'change') throw new Error(JSON.stringify(result));
    return { fields: element.change.fields, leftOut: element.leftOut.map(({ path }) => path) };
  };
  const german = {
    Street1: 'Lindenweg 3',
    Street2: '',
    City: 'München',
    PostalCode: '80331',
    CountryCode: 'DE',
  };

  test('what cannot be used is left out under its path, the rest goes on', () => {
    const fields = {
      FirstName: 'Good',
      LanguageCode: 'english',
      EmailAddress: 'bad',
      Nickname: 'x',
      AssociateCustom: { Field1: 'gold', Colour: 'red', Field2: 5 },
    };
    expect(changeIn({ customer, extra: 1, fields })).toEqual({
      fields: { FirstName: 'Good', AssociateCustom: { Field1: 'gold' } },
      leftOut: [
        'extra',
        'LanguageCode',
        'EmailAddress',
        'Nickname',
        'AssociateCustom.Colour',
        'AssociateCustom.Field2',
      ],
    });
  });

  test('one bad element keeps no other out, and is named with what could be read of it', () => {
    const good = (customerId: string) => ({ customer: { customerId }, fields: { FirstName: 'Ada' } });
    const output = [
      good('1'),
      { customer: { customerId: '2' }, recordId: 'r2', occurredAt: 'yesterday', fields: { FirstName: 'B' } },
      { customer: { customerId: 'x' }, recordId: 'r3', fields: { FirstName: 'C' } },
      { customer: { customerId: '4' }, fields: { LanguageCode: 'klingon' } },
      'nonsense',
      good('5'),
    ];
    expect(read(output)).toMatchObject({
      ok: true,
      elements: [
        { type: 'change', index: 0 },
        { type: 'unusable', index: 1, customerId: '2', recordId: 'r2', violations: [{ path: 'occurredAt' }] },
        { type: 'unusable', index: 2, recordId: 'r3', violations: [{ path: 'customer.customerId' }] },
        { type: 'unusable', index: 3, customerId: '4', violations: [{ path: 'LanguageCode' }] },
        { type: 'unusable', index: 4, violations: [{ path: '' }] },
        { type: 'change', index: 5 },
      ],
    });
    expect(read(output, { strict: true }).ok).toBe(false);
  });

  test('of an address the parts that can be used stay, and each other is named', () => {
    const address = { Street1: '1 Main St', Street2: '', City: ' ', Region: '', PostalCode: '84043' };
    expect(changeIn({ customer, fields: { PrimaryAddress: { ...address, CountryCode: 'US' } } })).toEqual({
      fields: {
        PrimaryAddress: { Street1: '1 Main St', Street2: '', PostalCode: '84043', CountryCode: 'US' },
      },
      leftOut: ['PrimaryAddress.City', 'PrimaryAddress.Region'],
    });
  });

  test.each([
    [{}, undefined, ''],
    [{}, 'country', 'DE'],
    [{}, 'as-given', ''],
    [{ Region: 'BY' }, 'country', 'BY'],
  ])(
    'a German address with %j and REGION_WHERE_NONE %s has the region %j',
    (given, regionWhereNone, Region) => {
      const { fields, leftOut } = changeIn(
        { customer, fields: { PrimaryAddress: { ...german, ...given } } },
        { regionWhereNone },
      );
      expect(fields.PrimaryAddress).toEqual({ ...german, Region });
      expect(leftOut).toEqual([]);
    },
  );

  test('a part of an address says nothing of the parts that it does not hold', () => {
    expect(changeIn({ customer, fields: { PrimaryAddress: { PostalCode: '80331' } } }).fields).toEqual({
      PrimaryAddress: { PostalCode: '80331' },
    });
    expect(changeIn({ customer, fields: { PrimaryAddress: { CountryCode: 'DE' } } }).fields).toEqual({
      PrimaryAddress: { CountryCode: 'DE' },
    });
  });

  test.each([
    ['1 Main St\nFlat 2', undefined, '1 Main St', 'Flat 2'],
    [' 1 Main St \r\n\r\n Flat 2\rRear ', 'Door 3', '1 Main St', 'Flat 2, Rear, Door 3'],
    ['1 Main\u0007St', '', '1 Main St', ''],
    ['\n1 Main St\n', '', '1 Main St', ''],
  ])('the street %j with the second line %j is %j and %j', (Street1, Street2, first, second) => {
    const address = { ...german, Street1, ...(Street2 !== undefined && { Street2 }) };
    expect(changeIn({ customer, fields: { PrimaryAddress: address } }).fields.PrimaryAddress).toMatchObject({
      Street1: first,
      Street2: second,
    });
  });

  test('blanks say nothing; only "" clears', () => {
    const fields = {
      FirstName: ' ',
      LastName: '\n',
      CompanyName: '',
      AssociateCustom: { Field1: ' ' },
      TaxId: '7',
    };
    expect(changeIn({ customer, fields })).toEqual({ fields: { CompanyName: '', TaxId: '7' }, leftOut: [] });
    expect(read({ customer, recordId: ' ', fields: { FirstName: ' ' } })).toEqual({ ok: true, elements: [] });
  });

  test('a reference that cannot be looked up is left out beside one that names the customer', () => {
    const bad = { emailAddress: 'two words' };
    const fields = { FirstName: 'Ada' };
    expect(changeIn({ customer: [customer, bad], fields }).leftOut).toEqual(['customer.1.emailAddress']);
    expect(changeIn({ customer: bad, recordId: '1', fields }).leftOut).toEqual(['customer.emailAddress']);
    expect(read({ customer: bad, fields })).toMatchObject({ elements: [{ type: 'unusable' }] });
    expect(read({ customer: [{ customerId: 'x' }, { emailAddress: 'a@b.co' }], fields })).toMatchObject({
      elements: [{ type: 'unusable', violations: [{ path: 'customer.0.customerId' }] }],
    });
  });

  test('an element in which nothing is found at all is not "nothing changed"', () => {
    expect(read({ customer: {}, fields: {} })).toMatchObject({ elements: [{ type: 'unusable' }] });
    expect(read({ customer, fields: {} })).toEqual({ ok: true, elements: [] });
    expect(read([])).toEqual({ ok: true, elements: [] });
  });
});
