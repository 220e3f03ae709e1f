import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Plan, type PlanInput, plan } from '../../src/delivery/customer/plan.ts';
import { comparePositions, type FieldStates, type Position } from '../../src/delivery/record/position.ts';
import { comparable, isSameValue } from '../../src/delivery/record/same-value.ts';
import { isOtherValue } from '../../src/delivery/record/value-hash.ts';
import { addressFields } from '../../src/domain/address.ts';
import { customerPatchSchema } from '../../src/domain/customer-patch.ts';
import { fieldsOf } from '../../src/domain/field-paths.ts';
import { hashOf, inputs, receipt } from './plan-inputs.ts';

function positionOf({ change }: PlanInput, path: string): Position {
  const time = change.occurredAtOf?.[path] ?? change.occurredAt;
  return { ...(time !== undefined && { occurredAt: Date.parse(time) }), ...receipt };
}
const isOlder = (input: PlanInput, path: string, than: 'applied' | 'inDoubt'): boolean => {
  const other = input.states[path]?.[than];
  return other !== undefined && comparePositions(positionOf(input, path), other) < 0;
};

/** The region of a change that moved a customer, and of which all other parts of the address are older. */
const isOfOldPlace = (input: PlanInput, path: string): boolean => {
  const [field = '', part] = path.split('.');
  if (part !== 'Region') return false;
  const others = fieldsOf(input.change.fields).filter(
    ([other]) => other !== path && other.startsWith(`${field}.`),
  );
  const isElsewhere = ([other, value]: (typeof others)[number]) =>
    /City|PostalCode|CountryCode/.test(other) &&
    isOtherValue(input.states[other]?.hash ?? '', hashOf(comparable(other, value)));
  return others.every(([other]) => isOlder(input, other, 'applied')) && others.some(isElsewhere);
};

/** Fields told by name: an address has one name. */
const names = (told: readonly string[], path: string): boolean =>
  told.includes(path) || told.includes(path.split('.')[0] ?? '');

/** Expects something of each plan of a type, and that there are such plans. */
function everyPlan<Type extends Plan['type']>(
  type: Type,
  expectOf: (planned: Extract<Plan, { type: Type }>, input: PlanInput) => void,
  numRuns = 500,
) {
  let met = 0;
  fc.assert(
    fc.property(inputs, (input) => {
      const planned = plan(input);
      if (planned.type !== type) return;
      met++;
      // It is of that type.
      expectOf(planned as Extract<Plan, { type: Type }>, input);
    }),
    { numRuns },
  );
  expect(met).toBeGreaterThan(5);
}

describe('a plan', () => {
  test('waits if and only if a newer change to a field that is not stale is in doubt', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const waiting = fieldsOf(input.change.fields).some(
          ([path]) => !isOlder(input, path, 'applied') && isOlder(input, path, 'inDoubt'),
        );
        const planned = plan(input);
        expect(planned.type === 'wait').toBe(waiting);
        if (planned.type === 'wait') expect(planned.behind).toEqual(['other/1']);
      }),
    );
  });

  test('asks to read at most once', () =>
    everyPlan('read', (_, input) => {
      expect(input.held).toBeUndefined();
      expect(plan({ ...input, held: new Map() }).type).not.toBe('read');
    }));

  test('is incomplete only for parts of addresses that the change does not bring', () =>
    everyPlan('incomplete', ({ missing }, { change }) => {
      const given = new Set(fieldsOf(change.fields).map(([path]) => path));
      expect(missing.length).toBeGreaterThan(0);
      for (const path of missing) {
        const [field = ''] = path.split('.');
        expect([...given].some((other) => other.startsWith(`${field}.`))).toBe(true);
        expect(addressFields).toContain(field);
      }
    }));

  // One input in fifty makes such a plan: it takes many inputs to meet some in every run.
  test('that sends nothing drops every field, and forgets nothing that was known', () =>
    everyPlan(
      'nothing',
      ({ dropped, leftOut, status, states }, input) => {
        const given = fieldsOf(input.change.fields).map(([path]) => path);
        expect(given.filter((path) => !names(dropped, path))).toEqual([]);
        expect(leftOut).toEqual([]);
        expect(status === 'stale').toBe(
          given.every((path) => isOlder(input, path, 'applied') || isOfOldPlace(input, path)),
        );
        expectKnown(states ?? input.states, input, given);
      },
      5000,
    ));
});

/** What is known of fields: as before, or as this change says. */
function expectKnown(states: FieldStates, input: PlanInput, mayChange: readonly string[]): void {
  const { change } = input;
  const wanted = new Map(fieldsOf(change.fields));
  for (const path of new Set([...Object.keys(states), ...Object.keys(input.states)])) {
    const isAsBefore = JSON.stringify(states[path]) === JSON.stringify(input.states[path]);
    if (isAsBefore) continue;
    expect(mayChange).toContain(path);
    const hash = hashOf(comparable(path, wanted.get(path) ?? ''));
    expect(states[path]).toEqual({ applied: positionOf(input, path), hash });
  }
}

describe('a plan that sends', () => {
  test('makes each field exactly one of sent, dropped and left out', () =>
    everyPlan('send', ({ patch, dropped, leftOut }, { change }) => {
      const sent = new Map(fieldsOf(patch));
      const outside = leftOut.map(({ path }) => path);
      for (const [path, value] of fieldsOf(change.fields)) {
        const isDropped = names(dropped, path);
        const isLeftOut = names(outside, path);
        // An address goes whole: a stale part of it goes as DirectScale holds it.
        const isSent = !isDropped && sent.has(path);
        expect([path, isSent, isDropped, isLeftOut].filter((is) => is === true)).toEqual([true]);
        if (isSent) expect(sent.get(path)).toEqual(value);
      }
      const given = new Set(fieldsOf(change.fields).map(([path]) => path.split('.')[0]));
      for (const path of [...dropped, ...outside]) expect(given).toContain(path.split('.')[0]);
    }));

  test('sends what DirectScale takes: whole addresses, at least one field, nothing that the change does not name', () =>
    everyPlan('send', ({ patch }, { change }) => {
      expect(customerPatchSchema.parse(patch)).toEqual(patch);
      expect(Object.keys(change.fields)).toEqual(expect.arrayContaining(Object.keys(patch)));
    }));

  test('never sends a value that is older than what was applied or is in doubt', () =>
    everyPlan('send', ({ patch, dropped, begun, untouched }, input) => {
      const values = new Map(fieldsOf(input.change.fields));
      for (const [path, value] of fieldsOf(patch)) {
        if (!values.has(path) || !isOlder(input, path, 'applied')) continue;
        expect(names(dropped, path)).toBe(true);
        // As it is held, not as the change has it. A second line of which nobody knows is empty.
        expect(value).toBe(input.held?.get(path) ?? '');
      }
      for (const path of Object.keys(begun)) {
        if (begun[path]?.inDoubt?.changeId !== receipt.changeId) continue;
        expect(isOlder(input, path, 'applied') || isOlder(input, path, 'inDoubt')).toBe(false);
        expect(untouched[path]).toEqual(input.states[path]);
      }
    }));

  test('never puts a value without a time of its own over one that has one', () =>
    everyPlan('send', ({ begun }, { change, states }) => {
      if (change.occurredAt !== undefined) return;
      for (const [path, { inDoubt }] of Object.entries(begun)) {
        if (inDoubt?.changeId === receipt.changeId) expect(states[path]?.applied?.occurredAt).toBeUndefined();
      }
    }));

  test('spares what DirectScale holds, unless a call to it is in doubt', () =>
    everyPlan('send', ({ begun }, { change, held, states }) => {
      for (const [path, value] of fieldsOf(change.fields)) {
        const isHeld = isSameValue(path, value, held?.get(path));
        if (isHeld && !states[path]?.inDoubt) expect(begun[path]?.inDoubt).toBeUndefined();
      }
    }));

  test('marks exactly what it sends: in doubt before the call, known after it, and as before if it wrote nothing', () =>
    everyPlan('send', ({ begun, applied, untouched }, input) => {
      const given = fieldsOf(input.change.fields).map(([path]) => path);
      const sent = given.filter((path) => begun[path]?.inDoubt?.changeId === receipt.changeId);
      expect(sent.length).toBeGreaterThan(0);
      for (const path of sent) {
        const before = input.states[path]?.applied;
        expect(begun[path]).toEqual({ ...(before && { applied: before }), inDoubt: positionOf(input, path) });
        expect(applied[path]).toMatchObject({ applied: positionOf(input, path) });
      }
      expectKnown(applied, input, given);
      expectKnown(
        untouched,
        input,
        given.filter((path) => !sent.includes(path)),
      );
      const rest = (states: FieldStates) =>
        Object.fromEntries(Object.entries(states).filter(([path]) => !sent.includes(path)));
      expect(rest(begun)).toEqual(rest(untouched));
      expect(rest(applied)).toEqual(rest(untouched));
    }));

  test('keeps the custom fields that it does not name', () =>
    everyPlan('send', ({ patch }, { held }) => {
      if (!patch.AssociateCustom) return;
      for (const [path] of held ?? []) {
        const [field, name = ''] = path.split('.');
        if (field === 'AssociateCustom') expect(patch.AssociateCustom).toHaveProperty(name);
      }
    }));

  test('tells of drift only where the relay wrote, with this key, another value than is held', () =>
    everyPlan('send', ({ drifted }, { change, states, held }) => {
      for (const [path] of fieldsOf(change.fields)) {
        const { hash, inDoubt } = states[path] ?? {};
        const now = held?.get(path);
        const isOther = hash !== undefined && now !== undefined && hash !== hashOf(comparable(path, now));
        const isOfThisKey = hash?.slice(0, 3) === hashOf('').slice(0, 3);
        expect(names(drifted, path)).toBe(isOther && isOfThisKey && !inDoubt);
      }
    }));

  test('sends nothing more once it was applied, and the same again if it wrote nothing', () =>
    everyPlan('send', ({ patch, leftOut, applied, untouched }, input) => {
      if (leftOut.length === 0)
        expect(plan({ ...input, states: applied, held: undefined })).toMatchObject({ type: 'nothing' });
      expect(plan({ ...input, states: untouched })).toMatchObject({ type: 'send', patch });
    }));

  test('leaves nothing out if it is strict, and whole addresses only if it is not', () =>
    everyPlan('send', ({ leftOut, patch }, { isStrict }) => {
      if (isStrict) expect(leftOut).toEqual([]);
      for (const { path } of leftOut) {
        expect(addressFields).toContain(path);
        expect(patch).not.toHaveProperty(path);
      }
    }));
});
