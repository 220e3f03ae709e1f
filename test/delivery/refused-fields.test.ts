import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Held, type Plan, plan } from '../../src/delivery/customer/plan.ts';
import { ifFailed, ifRefused } from '../../src/delivery/customer/refused-fields.ts';
import type { FieldStates } from '../../src/delivery/record/position.ts';
import { valueHasher } from '../../src/delivery/record/value-hash.ts';
import { addressFields, addressProperties } from '../../src/domain/address.ts';
import type { ChangedFields } from '../../src/domain/changed-fields.ts';
import { changedFieldsSchema } from '../../src/domain/changed-fields.ts';
import { type FieldName, fieldNames } from '../../src/domain/customer-patch.ts';

const hashOf = valueHasher('a-subscription-key');
const address = {
  Street1: '1 Main Street',
  Street2: '',
  City: 'Lehi',
  Region: 'UT',
  PostalCode: '84043',
  CountryCode: 'US',
};
/** All 16 documented fields. */
const allFields = changedFieldsSchema.parse({
  WebAlias: 'ada',
  Username: 'ada',
  CustomerType: 2,
  CustomerStatus: 1,
  BirthDate: '1990-05-01',
  CompanyName: 'Ada & Co',
  EmailAddress: 'ada@example.com',
  PrimaryAddress: address,
  DefaultShippingAddress: { ...address, City: 'Provo' },
  FirstName: 'Ada',
  LanguageCode: 'en',
  LastName: 'Berg',
  PrimaryPhone: '+18015550142',
  SecondaryPhone: '+18015550143',
  TaxId: '123456789',
  TextPhone: '+18015550144',
});
const documented = fieldNames.filter((name) => name !== 'AssociateCustom');

/** How DirectScale answers a patch that has one of the refused fields. */
type Way = 'refuses' | 'fails';

interface Searched {
  readonly end: Exclude<Plan, { type: 'send' | 'read' | 'wait' }> | Extract<Plan, { type: 'send' }>;
  /** Names of the fields of each call, the first one for the whole change included. */
  readonly calls: readonly (readonly string[])[];
  readonly written: ReadonlySet<string>;
  readonly states: FieldStates;
}

/** Plans and calls until nothing is left to be sent. */
function search(
  fields: ChangedFields,
  refused: ReadonlySet<string>,
  way: Way,
  { states = {}, askedAgainAt }: { readonly states?: FieldStates; readonly askedAgainAt?: number } = {},
): Searched {
  const calls: string[][] = [];
  const written = new Set<string>();
  const held: Held = new Map();
  const input = {
    change: { customer: { customerId: '7' }, occurredAt: new Date(5).toISOString(), fields },
    receipt: { receivedAt: 5, changeId: 'own/0' },
    hashOf,
    leftOut: [],
    isStrict: false,
    held,
    ...(askedAgainAt !== undefined && { askedAgainAt }),
  };
  for (let known = states, at = 1000; ; at++) {
    const planned = plan({ ...input, states: known });
    if (planned.type === 'read' || planned.type === 'wait') throw new Error(`nothing is ${planned.type}`);
    if (planned.type !== 'send') return { end: planned, calls, written, states: known };
    const names = Object.keys(planned.patch);
    calls.push(names);
    if (calls.length > 200) throw new Error('the search does not end');
    if (names.every((name) => !refused.has(name))) {
      for (const name of names) written.add(name);
      known = planned.applied;
      if (planned.part.later.length === 0) return { end: planned, calls, written, states: known };
    } else if (way === 'refuses')
      known = ifRefused(planned.untouched, planned.part, { reason: 'no', at, isCertain: true });
    else known = ifFailed(planned.begun, planned.part, { reason: 'no', at }, () => true).states;
  }
}

/** The calls for parts: with mere failures the whole fails three times before. */
const furtherCalls = ({ calls }: Searched, way: Way) => calls.length - (way === 'refuses' ? 1 : 3);

describe.each<Way>(['refuses', 'fails'])('DirectScale %s a patch of all 16 fields because of one', (way) => {
  test.each(documented)('%s: found with at most six further calls, the others are written', (name) => {
    const found = search(allFields, new Set([name]), way);
    expect(furtherCalls(found, way)).toBeLessThanOrEqual(6);
    expect([...found.written].sort()).toEqual(documented.filter((other) => other !== name).sort());
    expect(found.end).toMatchObject({ leftOut: [{ path: name, reason: 'no' }] });

    const again = search(allFields, new Set([name]), way, { states: found.states });
    expect(again.calls).toEqual([]);
    expect(again.end).toMatchObject({ type: 'nothing', leftOut: [{ path: name }] });
  });

  test.each(documented)('%s: tried again alone when an operator asks, and with a new value', (name) => {
    const { states } = search(allFields, new Set([name]), way);
    expect(search(allFields, new Set(), way, { states, askedAgainAt: 5000 }).calls).toEqual([[name]]);
    const other = { ...allFields, [name]: otherValue(name) };
    expect(search(other, new Set(), way, { states }).calls).toEqual([[name]]);
  });
});

function otherValue(name: FieldName): unknown {
  const value = allFields[name];
  if (typeof value === 'object') return { ...value, Street1: '2 Main Street' };
  if (typeof value === 'number') return value + 1;
  return name === 'LanguageCode' ? 'de' : `9${value}`;
}

test('addresses are asked for first: a refused one costs three further calls at most', () => {
  for (const name of addressFields)
    expect(furtherCalls(search(allFields, new Set([name]), 'refuses'), 'refuses')).toBeLessThanOrEqual(3);
});

test('a field that is sent alone is refused at once', () => {
  const { calls, end } = search({ FirstName: 'Ada' }, new Set(['FirstName']), 'refuses');
  expect(calls).toHaveLength(1);
  expect(end).toMatchObject({ type: 'refused', leftOut: [{ path: 'FirstName' }] });
});

test('one that fails is refused after five failures: three come by accident now and then', () => {
  const { calls, end } = search({ FirstName: 'Ada' }, new Set(['FirstName']), 'fails');
  expect(calls).toHaveLength(5);
  expect(end).toMatchObject({ type: 'refused', leftOut: [{ path: 'FirstName' }] });
});

test.each([
  ['refuses', 2],
  ['fails', 4],
] as const)('a customer of which DirectScale %s everything costs %i calls a field, once', (way, most) => {
  const found = search(allFields, new Set(documented), way);
  expect(found.end.type).toBe('refused');
  expect(found.calls.length).toBeLessThanOrEqual(most * documented.length);
  expect(search(allFields, new Set(documented), way, { states: found.states }).calls).toEqual([]);
});

test('whichever fields are refused, all others are written, and none is left out that is not refused', () => {
  const some = fc.subarray([...documented], { minLength: 1 });
  fc.assert(
    fc.property(some, some, fc.constantFrom<Way>('refuses', 'fails'), (sent, bad, way) => {
      const fields = changedFieldsSchema.parse(
        Object.fromEntries(sent.map((name) => [name, allFields[name]])),
      );
      const refused = sent.filter((name) => bad.includes(name)).sort();
      const found = search(fields, new Set(refused), way);
      expect([...found.written].sort()).toEqual(sent.filter((name) => !refused.includes(name)).sort());
      const leftOut = found.end.leftOut.map(({ path }) => path);
      expect(leftOut.sort()).toEqual(refused);
      // What is refused is in doubt no more: an older change need not wait for it.
      for (const state of Object.values(found.states)) expect(state.inDoubt).toBeUndefined();
      if (refused.length === 1) expect(furtherCalls(found, way)).toBeLessThanOrEqual(6);
    }),
    { numRuns: 500 },
  );
});

test('an older value never comes over a refused one that failed: it may have been written after all', () => {
  const { states } = search({ FirstName: 'Ada' }, new Set(['FirstName']), 'fails');
  const older = plan({
    change: {
      customer: { customerId: '7' },
      occurredAt: new Date(4).toISOString(),
      fields: { FirstName: 'Eve' },
    },
    receipt: { receivedAt: 9, changeId: 'older/0' },
    states,
    held: new Map(),
    hashOf,
    leftOut: [],
    isStrict: false,
  });
  expect(older).toMatchObject({ type: 'nothing', status: 'stale' });
});

test('a suspect whose companion has another value by now is asked for before it is left out', () => {
  const fields = { FirstName: 'Ada', LastName: 'Berg', CompanyName: 'Ada & Co' };
  const suspected = { is: 'suspected', at: 1, among: 2, isCertain: true, reason: 'no' } as const;
  const states = { FirstName: { refusal: { ...suspected, hash: hashOf('Ada') } } };
  const { calls, end } = search(fields, new Set(), 'refuses', { states });
  expect(calls).toEqual([['LastName', 'CompanyName'], ['FirstName']]);
  expect(end.leftOut).toEqual([]);
});

describe('without changes to other customers that pass', () => {
  test('a failure stays a failure, however often it comes: DirectScale may be down', () => {
    const planned = plan({
      change: {
        customer: { customerId: '7' },
        occurredAt: new Date(5).toISOString(),
        fields: { FirstName: 'Ada' },
      },
      receipt: { receivedAt: 5, changeId: 'own/0' },
      states: {},
      held: new Map(),
      hashOf,
      leftOut: [],
      isStrict: false,
    });
    if (planned.type !== 'send') throw new Error('it is to be sent');
    let states = planned.begun;
    for (let at = 1; at < 10; at++) {
      const failed = ifFailed(states, planned.part, { reason: 'no', at }, () => false);
      expect(failed).toMatchObject({ isOwn: false });
      states = failed.states;
    }
    expect(states.FirstName?.refusal).toEqual({ is: 'failing', hash: hashOf('Ada'), at: 1, times: 1 });
  });
});

test('the addresses of this test are whole', () => {
  expect(Object.keys(address).sort()).toEqual([...addressProperties].sort());
});

test('a refused value that DirectScale is seen to hold, as somebody wrote it there, is unchanged', () => {
  const fields = { FirstName: 'Ada', LastName: 'Berg' };
  const { states } = search(fields, new Set(['LastName']), 'refuses');
  const planned = plan({
    change: {
      customer: { customerId: '7' },
      occurredAt: new Date(9).toISOString(),
      fields: { ...fields, CompanyName: 'Ada & Co' },
    },
    receipt: { receivedAt: 9, changeId: 'later/0' },
    states,
    held: new Map([['LastName', 'Berg']]),
    hashOf,
    leftOut: [],
    isStrict: false,
  });
  expect(planned).toMatchObject({ type: 'send', patch: { CompanyName: 'Ada & Co' }, leftOut: [] });
});
