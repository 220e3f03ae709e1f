import type { Failure } from '../../directscale/client.ts';
import { forgotten, type Outcome } from '../record/outcome.ts';
import { type ApplyContext, type PlanSubject, planFor } from './apply.ts';
import { outcomeOfFailure, outcomeOfRefusal } from './directscale-outcomes.ts';
import type { Plan } from './plan.ts';
import { readHeld } from './read-held.ts';

/** What would become of a change if it were applied now. */
export type Foreseen =
  /** These fields would be written, by name; those of an address all together. */
  | { readonly type: 'change'; readonly fields: readonly string[] }
  | { readonly type: 'unchanged' | 'stale' }
  /** Nobody can say, or it would be parked. */
  | { readonly type: 'other'; readonly outcome: Outcome };

export type ForeseeContext = Pick<ApplyContext, 'states' | 'directScale' | 'circuitBreaker' | 'hashOf'>;

/** Plans as `apply` does, and only reads. Throws what storage and secrets throw. */
export async function foresee(subject: PlanSubject, context: ForeseeContext): Promise<Foreseen> {
  const { customerId } = subject.change.customer;
  const state = await context.states.read(customerId);
  if (subject.receipt.receivedAt <= state.forgottenAt) return { type: 'other', outcome: forgotten };
  const first = planFor(subject, state, context);
  if (first.type !== 'read') return foreseenOf(first);
  const entered = context.circuitBreaker.enter(customerId);
  if ('refusal' in entered) return { type: 'other', outcome: outcomeOfRefusal(entered.refusal) };
  const { permit } = entered;
  try {
    const read = await readHeld(customerId, first.needed, context.directScale);
    permit.report('failure' in read ? read.failure : { outcome: 'found' });
    return 'failure' in read ? failed(read.failure) : foreseenOf(planFor(subject, state, context, read.held));
  } finally {
    permit.release();
  }
}

const failed = (failure: Failure): Foreseen => ({ type: 'other', outcome: outcomeOfFailure(failure) });

function foreseenOf(planned: Plan): Foreseen {
  switch (planned.type) {
    case 'send':
      return { type: 'change', fields: [...planned.part.now, ...planned.part.later].map(({ path }) => path) };
    case 'nothing':
      return { type: planned.status };
    case 'incomplete':
      return {
        type: 'other',
        outcome: {
          follows: 'park',
          reason: 'address-incomplete',
          told: { outcome: 'address-incomplete' },
          violations: planned.missing.map((path) => ({ path, message: 'is missing' })),
        },
      };
    case 'refused':
      return {
        type: 'other',
        outcome: {
          follows: 'park',
          reason: 'rejected',
          told: { outcome: 'rejected', reason: 'refused-before' },
          violations: planned.leftOut.map(({ path, reason }) => ({ path, message: reason })),
        },
      };
    // With what was read, a plan never asks to read.
    case 'read':
    case 'wait':
      return {
        type: 'other',
        outcome: { follows: 'retry', told: { outcome: 'waiting', reason: 'newer-change-in-doubt' } },
      };
  }
}
