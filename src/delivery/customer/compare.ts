import { fieldsOf } from '../../domain/field-paths.ts';
import type { Outcome } from '../record/outcome.ts';
import { comparePositions, type FieldState } from '../record/position.ts';
import { comparable, isSameValue } from '../record/same-value.ts';
import { isOtherValue } from '../record/value-hash.ts';
import type { PlanSubject } from './apply.ts';
import { outcomeOfFailure, outcomeOfRefusal } from './directscale-outcomes.ts';
import type { ForeseeContext } from './foresee.ts';
import { positionOf } from './plan.ts';
import { readHeld } from './read-held.ts';

/**
 * How a field of the source stands to what DirectScale holds.
 *  - `agrees`
 *  - `drifted`: DirectScale holds another value than the relay wrote last: it was changed there
 *  - `older`: they differ, and a newer change to the field was applied: that of another source, or a later one
 *  - `missed`: they differ, and nothing newer is known: the source's value never came to DirectScale
 *  - `unknown`: cannot be compared (DirectScale does not tell it, it cannot be used, or a call is under way)
 */
export const verdicts = ['agrees', 'drifted', 'older', 'missed', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

/** The fields of a customer, by path. */
export interface Compared {
  readonly fields: readonly { readonly path: string; readonly verdict: Verdict }[];
}

/** Compares what a source says of a customer with what DirectScale holds. Only reads. Throws what storage and secrets throw. */
export async function compare(
  subject: PlanSubject,
  { states, directScale, circuitBreaker, hashOf }: ForeseeContext,
): Promise<Compared | Outcome> {
  const { change, receipt, leftOut } = subject;
  const { customerId } = change.customer;
  const entered = circuitBreaker.enter(customerId);
  if ('refusal' in entered) return outcomeOfRefusal(entered.refusal);
  const { permit } = entered;
  try {
    const before = await states.read(customerId);
    const values = fieldsOf(change.fields);
    const customFields = values.some(([path]) => path.startsWith('AssociateCustom.'));
    const read = await readHeld(customerId, { record: 'must', customFields }, directScale);
    permit.report('failure' in read ? read.failure : { outcome: 'found' });
    if ('failure' in read) return outcomeOfFailure(read.failure);
    const { fields, etag } = await states.read(customerId);
    const verdictOf = (path: string, value: string | number): Verdict => {
      // Of custom fields only those with a text are told.
      const held = read.held.get(path) ?? (path.startsWith('AssociateCustom.') ? '' : undefined);
      const state: FieldState = fields[path] ?? {};
      // Written to while it was read: what was read may be from before or after that.
      if (held === undefined || state.inDoubt || etag !== before.etag) return 'unknown';
      if (isSameValue(path, value, held)) return 'agrees';
      if (state.hash !== undefined && isOtherValue(state.hash, hashOf(comparable(path, held))))
        return 'drifted';
      const position = positionOf(path, change, receipt);
      return state.applied && comparePositions(position, state.applied) < 0 ? 'older' : 'missed';
    };
    return {
      fields: [
        ...values.map(([path, value]) => ({ path, verdict: verdictOf(path, value) })),
        ...leftOut.map(({ path }) => ({ path, verdict: 'unknown' as const })),
      ],
    };
  } finally {
    permit.release();
  }
}
