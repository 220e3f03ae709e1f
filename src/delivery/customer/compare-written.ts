import type { FieldValue } from '../../domain/field-paths.ts';
import type { Outcome } from '../record/outcome.ts';
import type { FieldState } from '../record/position.ts';
import { comparable } from '../record/same-value.ts';
import { type HashOf, isOtherValue } from '../record/value-hash.ts';
import { outcomeOfFailure, outcomeOfRefusal } from './directscale-outcomes.ts';
import type { ForeseeContext } from './foresee.ts';
import { readHeld } from './read-held.ts';

/**
 * Whether DirectScale holds what the relay wrote last.
 *  - `unknown`: a call is in doubt, the subscription key was changed since, or DirectScale does not tell the field
 */
export type WrittenVerdict = 'equal' | 'different' | 'unknown';

/** Every field that the relay wrote, by path, with what DirectScale holds if it tells it. */
export interface ComparedWritten {
  readonly fields: readonly {
    readonly path: string;
    readonly result: WrittenVerdict;
    readonly held: FieldValue | undefined;
  }[];
}

/** Compares what DirectScale holds of a customer with what the relay wrote last. Only reads. Throws what storage and secrets throw. */
export async function compareWritten(
  customerId: string,
  { states, directScale, circuitBreaker, hashOf }: ForeseeContext,
): Promise<ComparedWritten | Outcome> {
  const entered = circuitBreaker.enter(customerId);
  if ('refusal' in entered) return outcomeOfRefusal(entered.refusal);
  const { permit } = entered;
  try {
    const before = await states.read(customerId);
    const customFields = Object.keys(before.fields).some((path) => path.startsWith('AssociateCustom.'));
    const read = await readHeld(customerId, { record: 'must', customFields }, directScale);
    permit.report('failure' in read ? read.failure : { outcome: 'found' });
    if ('failure' in read) return outcomeOfFailure(read.failure);
    const { fields, etag } = await states.read(customerId);
    // Written to while it was read: what was read may be from before or after that.
    const isQuiet = etag === before.etag;
    return {
      fields: Object.entries(fields)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, state]) => {
          const held = read.held.get(path);
          return { path, held, result: isQuiet ? verdictOf(path, state, held, hashOf) : 'unknown' };
        }),
    };
  } finally {
    permit.release();
  }
}

function verdictOf(
  path: string,
  { hash, inDoubt }: FieldState,
  held: FieldValue | undefined,
  hashOf: HashOf,
): WrittenVerdict {
  if (held === undefined || hash === undefined || inDoubt) return 'unknown';
  const heldHash = hashOf(comparable(path, held));
  if (heldHash === hash) return 'equal';
  return isOtherValue(hash, heldHash) ? 'different' : 'unknown';
}
