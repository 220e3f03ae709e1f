import { describe, expect, test } from 'vitest';
import { type Held, type Plan, type PlanInput, plan } from '../../src/delivery/customer/plan.ts';
import type { FieldState, FieldStates } from '../../src/delivery/record/position.ts';
import { comparable } from '../../src/delivery/record/same-value.ts';
import { valueHasher } from '../../src/delivery/record/value-hash.ts';
import type { Address, ChangedAddress } from '../../src/domain/address.ts';
import type { ChangedFields } from '../../src/domain/changed-fields.ts';
import type { FieldValue } from '../../src/domain/field-paths.ts';
import type { LeftOut } from '../../src/domain/left-out.ts';

const hashOf = valueHasher('a-subscription-key');
const noon = Date.parse('2026-11-23T12:00:00Z');
const changeId = '20261123-120500000-3fa9c2d17b5e4a06/0';
/** When another change occurred, in minutes after noon. */
const at = (minute: number, id = `other/${minute}`) => ({
  occurredAt: noon + minute * 60_000,
  receivedAt: noon + minute * 60_000,
  changeId: id,
});
/** Where the change of these tests stands. */
const own = { occurredAt: noon + 5 * 60_000, receivedAt: noon + 6 * 60_000, changeId };

const wrote = (path: string, value: FieldValue, minute = 1): FieldState => ({
  applied: at(minute),
  hash: hashOf(comparable(path, value)),
});
const ownHash = (path: string, value: FieldValue): FieldState => ({
  applied: own,
  hash: hashOf(comparable(path, value)),
});

interface Setting {
  readonly states?: FieldStates;
  readonly held?: Record<string, FieldValue>;
  readonly isStrict?: boolean;
  readonly isRepair?: boolean;
  readonly leftOut?: readonly LeftOut[];
  readonly occurredAtOf?: Record<string, string>;
}

function planOf(
  fields: ChangedFields,
  { states = {}, held, isStrict = false, isRepair = false, leftOut = [], occurredAtOf }: Setting = {},
): Plan {
  const input: PlanInput = {
    change: {
      customer: { customerId: '7' },
      occurredAt: new Date(own.occurredAt).toISOString(),
      ...(occurredAtOf && { occurredAtOf }),
      fields,
    },
    receipt: { receivedAt: own.receivedAt, changeId },
    states,
    leftOut,
    held: held && (new Map(Object.entries(held)) satisfies Held),
    hashOf,
    isStrict,
    isRepair,
  };
  return plan(input);
}

const told = { dropped: [], drifted: [], leftOut: [] };
const provo: Address = {
  Street1: '145 N 200 W',
  Street2: 'Apt 3',
  City: 'Provo',
  Region: 'UT',
  PostalCode: '84601',
  CountryCode: 'US',
};
/** An address as it was read. */
const heldAddress = (address: Partial<Address>, field = 'PrimaryAddress'): Record<string, string> =>
  Object.fromEntries(Object.entries(address).map(([property, value]) => [`${field}.${property}`, value]));

describe('what has to be read first', () => {
  test.each<[string, ChangedFields, FieldStates, { record: string; customFields: boolean } | undefined]>([
    ['nothing is known of a plain field', { FirstName: 'Anna' }, {}, { record: 'may', customFields: false }],
    [
      'its value was written by the relay',
      { FirstName: 'Anna' },
      { FirstName: wrote('FirstName', 'Eva') },
      undefined,
    ],
    [
      'its value is in doubt: it is written in any case',
      { FirstName: 'Anna' },
      { FirstName: { inDoubt: at(1) } },
      undefined,
    ],
    ['a dangerous field: what is read need not be what is written', { Username: 'anna' }, {}, undefined],
    ['a custom field', { AssociateCustom: { Field1: 'x' } }, {}, { record: 'no', customFields: true }],
    [
      'a custom field and a plain one',
      { AssociateCustom: { Field1: 'x' }, LastName: 'Berg' },
      {},
      { record: 'may', customFields: true },
    ],
    [
      'a part of an address',
      { PrimaryAddress: { City: 'Lehi' } },
      {},
      { record: 'must', customFields: false },
    ],
    [
      'a part of an address that the relay wrote last',
      { PrimaryAddress: { City: 'Lehi' } },
      { 'PrimaryAddress.City': wrote('PrimaryAddress.City', 'Provo') },
      { record: 'must', customFields: false },
    ],
    ['a whole address', { PrimaryAddress: provo }, {}, { record: 'may', customFields: false }],
    [
      'a whole address of which a part is stale',
      { PrimaryAddress: provo },
      { 'PrimaryAddress.City': wrote('PrimaryAddress.City', 'Lehi', 9) },
      { record: 'must', customFields: false },
    ],
    [
      'a whole address of which a part is unchanged',
      { PrimaryAddress: provo },
      Object.fromEntries(
        Object.entries(provo).map(([property, value]) => [
          `PrimaryAddress.${property}`,
          wrote(`PrimaryAddress.${property}`, property === 'City' ? 'Lehi' : value),
        ]),
      ),
      undefined,
    ],
  ])('%s', (_, fields, states, needed) => {
    const planned = planOf(fields, { states });
    if (needed) expect(planned).toEqual({ type: 'read', needed });
    else expect(planned.type).toBe('send');
  });

  test('with what was read, even if that is nothing, no plan asks again', () => {
    expect(planOf({ AssociateCustom: { Field1: 'x' }, FirstName: 'Anna' }, { held: {} })).toMatchObject({
      type: 'send',
      patch: { AssociateCustom: { Field1: 'x' }, FirstName: 'Anna' },
    });
  });
});

describe('what is sent', () => {
  test('what is newer, in doubt while the call is under way, known after it, and as before if it wrote nothing', () => {
    const states = { FirstName: wrote('FirstName', 'Eva'), TaxId: wrote('TaxId', '1', 9) };
    expect(planOf({ FirstName: 'Anna' }, { states })).toMatchObject({
      type: 'send',
      patch: { FirstName: 'Anna' },
      begun: { FirstName: { applied: at(1), inDoubt: own }, TaxId: states.TaxId },
      applied: { FirstName: ownHash('FirstName', 'Anna'), TaxId: states.TaxId },
      untouched: states,
      ...told,
    });
  });

  test('its own repeat while in doubt, whatever DirectScale was seen to hold', () => {
    const states = { FirstName: { inDoubt: own } };
    expect(planOf({ FirstName: 'Anna' }, { states, held: { FirstName: 'Anna' } })).toMatchObject({
      type: 'send',
      patch: { FirstName: 'Anna' },
      untouched: states,
    });
  });

  test.each<[string, Setting]>([
    ['older than what was applied', { states: { LastName: wrote('LastName', 'Berg', 9) } }],
    ['equal to what the relay wrote last', { states: { LastName: wrote('LastName', 'Tal') } }],
    ['equal to what DirectScale was seen to hold', { held: { FirstName: 'Eva', LastName: ' Tal ' } }],
  ])('not a field that is %s: it is dropped', (_, setting) => {
    const states = { FirstName: wrote('FirstName', 'Eva'), ...setting.states };
    const planned = planOf(
      { FirstName: 'Anna', LastName: 'Tal' },
      { ...setting, states, held: setting.held ?? {} },
    );
    expect(planned).toMatchObject({ type: 'send', patch: { FirstName: 'Anna' }, dropped: ['LastName'] });
    expect(planned).not.toHaveProperty('patch.LastName');
  });

  test('what DirectScale was seen to hold is known from then on, even if the call wrote nothing', () => {
    const planned = planOf(
      { FirstName: 'Anna', LastName: 'Tal' },
      { held: { FirstName: 'Eva', LastName: 'Tal' } },
    );
    const LastName = ownHash('LastName', 'Tal');
    expect(planned).toMatchObject({ begun: { LastName }, applied: { LastName } });
    expect(planned).toHaveProperty('untouched', { LastName });
  });

  test('each field by its own time', () => {
    const states = { FirstName: wrote('FirstName', 'Eva', 5), LastName: wrote('LastName', 'Berg', 7) };
    const occurredAtOf = { LastName: new Date(noon + 8 * 60_000).toISOString() };
    const planned = planOf({ FirstName: 'Anna', LastName: 'Tal' }, { states, occurredAtOf });
    expect(planned).toMatchObject({
      type: 'send',
      patch: { FirstName: 'Anna', LastName: 'Tal' },
      applied: { FirstName: { applied: own }, LastName: { applied: { occurredAt: noon + 8 * 60_000 } } },
    });
    expect(planOf({ FirstName: 'Anna', LastName: 'Tal' }, { states })).toMatchObject({
      dropped: ['LastName'],
    });
  });

  test('a field that is cleared', () => {
    expect(planOf({ CompanyName: '' }, { held: { CompanyName: 'Relay Ltd' } })).toMatchObject({
      patch: { CompanyName: '' },
    });
  });

  test('custom fields with those that the change does not name', () => {
    const held = { 'AssociateCustom.Field1': 'old', 'AssociateCustom.Field2': 'kept' };
    expect(planOf({ AssociateCustom: { Field1: 'new', Field3: 'more' } }, { held })).toMatchObject({
      type: 'send',
      patch: { AssociateCustom: { Field1: 'new', Field2: 'kept', Field3: 'more' } },
      applied: {
        'AssociateCustom.Field1': ownHash('AssociateCustom.Field1', 'new'),
        'AssociateCustom.Field3': ownHash('AssociateCustom.Field3', 'more'),
      },
      dropped: [],
    });
  });

  test('nothing of the custom fields if none of them is to be sent', () => {
    const held = { FirstName: 'Eva', 'AssociateCustom.Field1': 'same', 'AssociateCustom.Field2': 'kept' };
    const planned = planOf({ FirstName: 'Anna', AssociateCustom: { Field1: 'same' } }, { held });
    expect(planned).toHaveProperty('patch', { FirstName: 'Anna' });
    expect(planned).toMatchObject({ dropped: ['AssociateCustom.Field1'] });
  });
});

describe('what ends without a call', () => {
  test.each<[string, FieldState, 'unchanged' | 'stale']>([
    ['a newer value was applied', wrote('FirstName', 'Eva', 9), 'stale'],
    ['the relay wrote this value last', wrote('FirstName', 'Anna'), 'unchanged'],
  ])('%s', (_, state, status) => {
    const planned = planOf({ FirstName: 'Anna' }, { states: { FirstName: state } });
    expect(planned).toMatchObject({
      type: 'nothing',
      status,
      dropped: ['FirstName'],
      drifted: [],
      leftOut: [],
    });
    // Whoever comes after an unchanged value is compared with its time.
    const known = status === 'unchanged' ? { FirstName: ownHash('FirstName', 'Anna') } : undefined;
    expect('states' in planned ? planned.states : undefined).toEqual(known);
  });

  test('DirectScale was seen to hold the value: from now on the relay knows', () => {
    expect(planOf({ PrimaryPhone: '(801) 555-0142' }, { held: { PrimaryPhone: '8015550142' } })).toEqual({
      type: 'nothing',
      status: 'unchanged',
      states: { PrimaryPhone: ownHash('PrimaryPhone', '8015550142') },
      ...told,
      dropped: ['PrimaryPhone'],
    });
  });

  test('a newer change to one of its fields is in doubt: it waits for that one, and sends nothing', () => {
    const states = {
      FirstName: { inDoubt: at(9, 'x/0') },
      LastName: { inDoubt: at(8, 'y/1') },
      CompanyName: { inDoubt: at(7, 'x/0') },
      TaxId: { inDoubt: at(1, 'z/0') },
    };
    expect(
      planOf({ FirstName: 'a', LastName: 'b', CompanyName: 'c', TaxId: '1', TextPhone: '1' }, { states }),
    ).toEqual({
      type: 'wait',
      behind: ['x/0', 'y/1'],
    });
  });
});

describe('drift', () => {
  test.each<[string, FieldState, FieldValue | undefined, isDrift: boolean]>([
    ['DirectScale holds another value than the relay wrote', wrote('FirstName', 'Eva'), 'Ida', true],
    ['it holds what the relay wrote', wrote('FirstName', 'Eva'), ' Eva ', false],
    ['nobody read it', wrote('FirstName', 'Eva'), undefined, false],
    ['the relay never wrote it', {}, 'Ida', false],
    ['what the relay wrote is in doubt', { ...wrote('FirstName', 'Eva'), inDoubt: at(2) }, 'Ida', false],
    [
      'the hash is of another key',
      { applied: at(1), hash: valueHasher('another-subscription-key')('Eva') },
      'Ida',
      false,
    ],
  ])('%s', (_, state, value, isDrift) => {
    const held = value === undefined ? {} : { FirstName: value };
    const planned = planOf({ FirstName: 'Anna' }, { states: { FirstName: state }, held });
    expect(planned).toMatchObject({ type: 'send', drifted: isDrift ? ['FirstName'] : [] });
  });

  test('is told of a stale field too, by name, an address as a whole', () => {
    const states = {
      LastName: wrote('LastName', 'Berg', 9),
      ...Object.fromEntries(
        Object.keys(provo).map((name) => [`PrimaryAddress.${name}`, wrote(`PrimaryAddress.${name}`, 'old')]),
      ),
    };
    const held = { LastName: 'Tal', ...heldAddress({ ...provo, CountryCode: 'CA' }) };
    const planned = planOf({ FirstName: 'Anna', LastName: 'Eck', PrimaryAddress: provo }, { states, held });
    expect(planned).toMatchObject({ drifted: ['LastName', 'PrimaryAddress'] });
  });
});

describe('an address', () => {
  const states = {};

  test('is completed with what DirectScale holds; only what the change brings is known afterwards', () => {
    const planned = planOf({ PrimaryAddress: { City: 'Lehi' } }, { states, held: heldAddress(provo) });
    expect(planned).toMatchObject({
      type: 'send',
      patch: { PrimaryAddress: { ...provo, City: 'Lehi' } },
      ...told,
    });
    expect(planned).toHaveProperty('applied', {
      'PrimaryAddress.City': ownHash('PrimaryAddress.City', 'Lehi'),
    });
  });

  test('takes along the parts that are equal, which are not called dropped', () => {
    const given = { ...provo, City: 'Lehi' };
    const planned = planOf({ PrimaryAddress: given }, { held: heldAddress(provo) });
    expect(planned).toMatchObject({ type: 'send', patch: { PrimaryAddress: given }, dropped: [] });
  });

  test('of which a part is stale takes that part from DirectScale, and says so', () => {
    const stale = { 'PrimaryAddress.City': wrote('PrimaryAddress.City', 'Orem', 9) };
    const planned = planOf(
      { PrimaryAddress: { ...provo, City: 'Lehi', Street1: '1 Main' } },
      { states: stale, held: heldAddress({ ...provo, City: 'Orem' }) },
    );
    expect(planned).toMatchObject({
      type: 'send',
      patch: { PrimaryAddress: { ...provo, City: 'Orem', Street1: '1 Main' } },
      dropped: ['PrimaryAddress.City'],
      applied: stale,
    });
  });

  test('that DirectScale holds already is not sent', () => {
    expect(planOf({ PrimaryAddress: provo }, { held: heldAddress(provo) })).toMatchObject({
      type: 'nothing',
      status: 'unchanged',
      dropped: ['PrimaryAddress'],
    });
  });

  const unknown = heldAddress({ ...provo, PostalCode: '', Region: '' });

  test('that cannot be completed is left out of a change that is not strict; the rest is sent', () => {
    const planned = planOf({ FirstName: 'Anna', PrimaryAddress: { City: 'Lehi' } }, { held: unknown });
    expect(planned).toMatchObject({
      type: 'send',
      dropped: [],
      leftOut: [
        {
          path: 'PrimaryAddress',
          reason: 'cannot be completed: Region, PostalCode is neither in the change nor in DirectScale',
        },
      ],
    });
    expect(planned).toHaveProperty('patch', { FirstName: 'Anna' });
    // Of what is left out nothing is known: it may come again.
    expect(planned).toHaveProperty('applied', { FirstName: ownHash('FirstName', 'Anna') });
  });

  test('of two, each stands for itself', () => {
    const planned = planOf(
      { PrimaryAddress: { City: 'Lehi' }, DefaultShippingAddress: { City: 'Lehi' } },
      { held: { ...unknown, ...heldAddress(provo, 'DefaultShippingAddress') } },
    );
    expect(planned).toHaveProperty('patch', { DefaultShippingAddress: { ...provo, City: 'Lehi' } });
    expect(planned).toMatchObject({ leftOut: [{ path: 'PrimaryAddress' }] });
  });

  test('that is left out is not called dropped as well, whatever its parts are', () => {
    const states = {
      'PrimaryAddress.Street1': wrote('PrimaryAddress.Street1', '1 Main', 9),
      'PrimaryAddress.CountryCode': wrote('PrimaryAddress.CountryCode', 'US'),
    };
    const fields = {
      FirstName: 'Anna',
      PrimaryAddress: { Street1: '2 Main', City: 'Lehi', CountryCode: 'US' },
    };
    expect(planOf(fields, { states, held: unknown })).toMatchObject({
      type: 'send',
      dropped: [],
      leftOut: [{ path: 'PrimaryAddress' }],
    });
  });

  test.each<[string, ChangedFields, boolean]>([
    ['and is all that is to be sent', { PrimaryAddress: { City: 'Lehi' } }, false],
    ['of a strict change', { FirstName: 'Anna', PrimaryAddress: { City: 'Lehi' } }, true],
  ])('that cannot be completed %s: incomplete, with what is missing', (_, fields, isStrict) => {
    expect(planOf(fields, { held: unknown, isStrict })).toMatchObject({
      type: 'incomplete',
      missing: ['PrimaryAddress.Region', 'PrimaryAddress.PostalCode'],
    });
  });

  test('a move is never mixed with the old address', () => {
    expect(
      planOf({ PrimaryAddress: { CountryCode: 'CA', City: 'Calgary' } }, { held: heldAddress(provo) }),
    ).toMatchObject({
      type: 'incomplete',
      missing: ['PrimaryAddress.Street1', 'PrimaryAddress.Region', 'PrimaryAddress.PostalCode'],
    });
  });

  const calgary: Address = {
    Street1: '9 Elm St',
    Street2: 'Unit 1',
    City: 'Calgary',
    Region: 'AB',
    PostalCode: 'T2P 1J9',
    CountryCode: 'CA',
  };

  const { Street2: _, ...withoutSecondLine } = calgary;

  test.each<[string, ChangedAddress]>([
    ['with another second line', calgary],
    ['without a second line', withoutSecondLine],
  ])('that moves %s keeps what became newer since', (_, PrimaryAddress) => {
    const states = { 'PrimaryAddress.Street2': wrote('PrimaryAddress.Street2', 'Apt 9', 9) };
    const held = heldAddress({ ...provo, Street2: 'Apt 9' });
    const planned = planOf({ PrimaryAddress }, { states, held });
    expect(planned).toMatchObject({
      type: 'send',
      patch: { PrimaryAddress: { ...calgary, Street2: 'Apt 9' } },
      applied: states,
    });
  });

  test('that moves to a place of which a part is newer takes that part along', () => {
    const states = { 'PrimaryAddress.City': wrote('PrimaryAddress.City', 'Banff', 9) };
    const held = heldAddress({ ...provo, City: 'Banff' });
    expect(planOf({ PrimaryAddress: calgary }, { states, held })).toMatchObject({
      type: 'send',
      patch: { PrimaryAddress: { ...calgary, City: 'Banff' } },
      dropped: ['PrimaryAddress.City'],
    });
  });
});

describe('the region of a move that came late', () => {
  const moved = { City: 'Toronto', Street1: '5 King St', PostalCode: 'M5V 1A1', CountryCode: 'CA' };
  /** A newer address: its region is the one that DirectScale held, so nobody has told when it changed. */
  const newer = (parts: Partial<Address>): FieldStates => ({
    'PrimaryAddress.Region': wrote('PrimaryAddress.Region', 'UT'),
    ...Object.fromEntries(
      Object.entries(parts).map(([part, value]) => [
        `PrimaryAddress.${part}`,
        wrote(`PrimaryAddress.${part}`, value, 9),
      ]),
    ),
  });
  const held = heldAddress(provo);
  const { Street2: _, Region: __, ...place } = provo;

  test('is not written into a newer address of another place', () => {
    const PrimaryAddress = { ...moved, Region: 'ON' };
    expect(planOf({ PrimaryAddress }, { states: newer(place), held })).toMatchObject({
      type: 'nothing',
      status: 'stale',
    });
  });

  test.each<[string, ChangedAddress, Partial<Address>]>([
    ['if it is all that the change says', { Region: 'NV' }, place],
    ['if the place is the same', { ...place, Street1: 'another', Region: 'NV' }, place],
    ['if more of the change is newer', { ...moved, Region: 'ON' }, { City: 'Provo' }],
  ])('is written %s', (_, PrimaryAddress, parts) => {
    expect(planOf({ PrimaryAddress }, { states: newer(parts), held })).toMatchObject({
      type: 'send',
      patch: { PrimaryAddress: { Region: PrimaryAddress.Region } },
    });
  });
});

describe('a repair', () => {
  const repair = (fields: ChangedFields, states: FieldStates, held?: Record<string, FieldValue>) =>
    planOf(fields, { states, isRepair: true, ...(held && { held }) });

  test('reads what DirectScale holds, though the relay wrote the same value last', () => {
    const states = { FirstName: wrote('FirstName', 'Ida') };
    expect(planOf({ FirstName: 'Ida' }, { states })).toMatchObject({ type: 'nothing', status: 'unchanged' });
    expect(repair({ FirstName: 'Ida' }, states)).toMatchObject({ type: 'read' });
  });

  test('writes over what somebody changed there, and says so', () => {
    const states = { FirstName: wrote('FirstName', 'Ida'), LastName: wrote('LastName', 'Berg') };
    const held = { FirstName: 'By hand', LastName: 'Berg' };
    expect(repair({ FirstName: 'Ida', LastName: 'Berg' }, states, held)).toMatchObject({
      type: 'send',
      patch: { FirstName: 'Ida' },
      drifted: ['FirstName'],
      dropped: ['LastName'],
    });
  });

  test('costs no call if nobody did', () => {
    const states = { FirstName: wrote('FirstName', 'Ida') };
    expect(repair({ FirstName: 'Ida' }, states, { FirstName: 'Ida' })).toMatchObject({
      type: 'nothing',
      status: 'unchanged',
    });
  });

  test('never writes over another value that is newer', () => {
    const states = { FirstName: wrote('FirstName', 'Newer', 60) };
    expect(repair({ FirstName: 'Ida' }, states)).toMatchObject({ type: 'nothing', status: 'stale' });
  });

  test('writes the value that the relay wrote last, though its record is older than that', () => {
    const states = { FirstName: wrote('FirstName', 'Ida', 60) };
    const planned = repair({ FirstName: 'Ida' }, states, { FirstName: 'By hand' });
    expect(planned).toMatchObject({ type: 'send', patch: { FirstName: 'Ida' } });
    // What comes between the two stays stale.
    const applied = planned.type === 'send' ? planned.applied.FirstName?.applied?.occurredAt : undefined;
    expect(applied).toBe(at(60).occurredAt);
  });

  test('leaves what cannot be read in DirectScale as it is', () => {
    const states = { CustomerStatus: wrote('CustomerStatus', 2) };
    expect(repair({ CustomerStatus: 2 }, states)).toMatchObject({ type: 'nothing', status: 'unchanged' });
  });
});
