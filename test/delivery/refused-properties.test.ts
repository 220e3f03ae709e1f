import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Plan, type PlanInput, plan } from '../../src/delivery/customer/plan.ts';
import { unitsOf } from '../../src/delivery/customer/refused-fields.ts';
import type { FieldStates } from '../../src/delivery/record/position.ts';
import type { Refusal } from '../../src/delivery/record/refusal.ts';
import { comparable } from '../../src/delivery/record/same-value.ts';
import { fieldsOf } from '../../src/domain/field-paths.ts';
import { hashOf, inputs, receipt } from './plan-inputs.ts';

const mark = { at: 100, reason: 'no' };
/** What may be known of a value: nothing, or one of these. */
const refusals: readonly ((hash: string) => Refusal)[] = [
  (hash) => ({ ...mark, hash, is: 'refused' }),
  (hash) => ({ ...mark, hash, is: 'suspected', among: 2, isCertain: true }),
  (hash) => ({ ...mark, hash, is: 'suspected', among: 3, isCertain: false }),
  (hash) => ({ at: 100, hash, is: 'failing', times: 1 }),
  // Of another value.
  () => ({ ...mark, hash: 'other', is: 'refused' }),
];

/** An input, and the same with refusals of some of its fields. */
interface Marked {
  readonly plain: PlanInput;
  readonly marked: PlanInput;
  /** Paths of fields, custom fields and addresses whose value is known to be refused. */
  readonly refused: ReadonlySet<string>;
}

const markedInputs: fc.Arbitrary<Marked> = fc
  .tuple(inputs, fc.array(fc.nat(12), { minLength: 20, maxLength: 20 }))
  .map(([plain, choices]) => {
    const wanted = fieldsOf(plain.change.fields).map(([path, value]) => ({
      path,
      hash: hashOf(comparable(path, value)),
      position: { ...receipt },
    }));
    const units = unitsOf(wanted, wanted, hashOf);
    const refused = new Set<string>();
    let states: FieldStates = plain.states;
    units.forEach(({ path, hash }, index) => {
      const refusal = refusals[choices[index] ?? refusals.length]?.(hash);
      if (!refusal) return;
      states = { ...states, [path]: { ...states[path], refusal } };
      if (refusal.is === 'refused' && refusal.hash === hash) refused.add(path);
    });
    return { plain, marked: { ...plain, states }, refused };
  });

const withoutRefusals = (states: FieldStates): FieldStates =>
  Object.fromEntries(
    Object.entries(states).flatMap(([path, { refusal: _, ...rest }]) =>
      Object.keys(rest).length > 0 ? [[path, rest]] : [],
    ),
  );

type Sending = Extract<Plan, { type: 'send' }>;
const unitsIn = ({ part }: Sending): string[] => [...part.now, ...part.later].map(({ path }) => path);

/** Expects something of the plans of both inputs, of which the first one sends, and that there are such plans. */
function everySending(
  expectOf: (before: Sending, planned: Plan, marked: Marked) => void,
  isWanted: (input: PlanInput) => boolean = ({ isStrict }) => !isStrict,
): void {
  let met = 0;
  fc.assert(
    fc.property(markedInputs, (marked) => {
      const before = plan(marked.plain);
      if (before.type !== 'send' || !isWanted(marked.plain)) return;
      met++;
      expectOf(before, plan(marked.marked), marked);
    }),
    { numRuns: 3000 },
  );
  expect(met).toBeGreaterThan(20);
}

describe('what is known of refusals', () => {
  test('changes nothing of a strict change but the marks', () =>
    everySending(
      (before, planned) => {
        if (planned.type !== 'send') throw new Error(`not sent: ${planned.type}`);
        expect(planned.patch).toEqual(before.patch);
        expect(planned.leftOut).toEqual(before.leftOut);
        expect(planned.part.later).toEqual([]);
      },
      ({ isStrict }) => isStrict,
    ));

  test('changes nothing of what waits', () => {
    fc.assert(
      fc.property(markedInputs, ({ plain, marked }) => {
        const before = plan(plain);
        if (before.type === 'wait') expect(plan(marked)).toEqual(before);
      }),
    );
  });

  test('makes no field go that would not go without it, and leaves out only what is refused', () =>
    everySending((before, planned, { refused }) => {
      const told = 'leftOut' in planned ? planned.leftOut.map(({ path }) => path) : [];
      const sent = planned.type === 'send' ? unitsIn(planned) : [];
      const leftOut = told.filter((path) => refused.has(path));
      expect(
        [...sent, ...leftOut].filter((path) => !unitsIn(before).includes(path) && !refused.has(path)),
      ).toEqual([]);
      // An address that cannot be completed may leave nothing to be sent but what is refused.
      if (planned.type === 'incomplete') return;
      for (const path of unitsIn(before)) expect([...sent, ...leftOut]).toContain(path);
      for (const path of sent) expect(leftOut).not.toContain(path);
    }));

  test('sends a part at a time, each value as the whole would have it', () =>
    everySending((before, planned, { plain: { held } }) => {
      if (planned.type !== 'send') return;
      expect(planned.part.now.length).toBeGreaterThan(0);
      const { AssociateCustom, ...fields } = planned.patch;
      expect(before.patch).toMatchObject(fields);
      // A custom field that comes later goes along as DirectScale holds it.
      for (const { path } of planned.part.later) {
        const [field = '', name] = path.split('.');
        if (name === undefined) expect(fields).not.toHaveProperty(field);
        else if (AssociateCustom) expect(AssociateCustom[name]).toBe(held?.get(path));
      }
    }));

  test('marks only what the call sends: what comes later is as it was', () =>
    everySending((before, planned, { refused }) => {
      if (planned.type !== 'send') return;
      const now = planned.part.now.flatMap(({ fields }) => fields.map(({ path }) => path));
      const others = (states: FieldStates) =>
        Object.fromEntries(Object.entries(withoutRefusals(states)).filter(([path]) => !now.includes(path)));
      expect(others(planned.begun)).toEqual(others(planned.untouched));
      const ofOthers = (states: FieldStates) =>
        Object.fromEntries(
          Object.entries(withoutRefusals(states)).filter(
            ([path]) => !refused.has(path) && !refused.has(path.split('.')[0] ?? ''),
          ),
        );
      expect(ofOthers(planned.untouched)).toEqual(ofOthers(before.untouched));
      for (const path of now) expect(planned.begun[path]?.inDoubt?.changeId).toBe(receipt.changeId);
    }));

  test('is tried again when somebody asks for it: nothing is left out', () =>
    everySending((before, _, { marked }) => {
      const again = plan({ ...marked, askedAgainAt: mark.at + 1 });
      if (again.type !== 'send') throw new Error(`not sent: ${again.type}`);
      expect(unitsIn(again).toSorted()).toEqual(unitsIn(before).toSorted());
      expect(again.leftOut).toEqual(before.leftOut);
    }));
});
