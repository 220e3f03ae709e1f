import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../../local/stack.ts';
import { newCustomer, patchesOf } from '../relay-under-test.ts';
import { allFields, otherValueOf, patchesTo, refusedOf, save, startRefusing } from './refusing.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRefusing();
});
afterAll(() => stack?.stop());

/** A patch has all 16 documented fields, and DirectScale refuses one of them. */
const names = Object.keys(allFields);
const isWhole = (patch: object) => Object.keys(patch).length === names.length;

describe.each([400, 422, 500])('DirectScale answers %i every time', (status) => {
  test.concurrent.each(names)(
    'to %s: the others are written, and it is not asked again for the same value',
    async (name) => {
      const customerId = newCustomer(stack);
      const refused = refusedOf(name);
      stack.sandbox.fault({ match: { method: 'PATCH', customerId, ...refused }, status });
      const told = await save(stack, customerId, allFields);
      const leftOut = [
        { path: name, reason: `DirectScale refuses it (${status}): ${refused.field} is not valid.` },
      ];
      expect(told).toMatchObject({
        status: 'applied',
        changes: [{ status: 'applied', dropped: [], leftOut }],
      });
      const { [name]: _, ...others } = allFields;
      expect(Object.assign({}, ...patchesOf(stack, customerId))).toEqual(others);

      const calls = patchesTo(stack, customerId);
      // The whole change is tried before: once, or thrice if DirectScale merely fails.
      const whole = calls.filter(isWhole).length;
      expect(whole).toBe(status === 500 ? 3 : 1);
      expect(calls.length - whole).toBeLessThanOrEqual(6);

      const again = await save(stack, customerId, allFields);
      expect(again).toMatchObject({ status: 'unchanged', changes: [{ leftOut }] });
      expect(patchesTo(stack, customerId)).toHaveLength(calls.length);

      const other = otherValueOf(name);
      const mended = await save(stack, customerId, { ...allFields, [name]: other });
      expect(mended).toMatchObject({ status: 'applied' });
      expect(mended.changes[0]).not.toHaveProperty('leftOut');
      expect(patchesTo(stack, customerId).slice(calls.length)).toEqual([{ [name]: other }]);
    },
    120_000,
  );
});
