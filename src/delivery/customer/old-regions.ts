import type { Decision, Wanted } from '../record/field-states.ts';
import type { FieldStates } from '../record/position.ts';
import { isOtherValue } from '../record/value-hash.ts';
import { addressOf } from './refused-fields.ts';

/** What says where a place is, beside the region. */
const placeParts = ['.City', '.PostalCode', '.CountryCode'];

/**
 * A late change that moved a customer, and of which everything but the region is older than what was applied, has an old
 * region, too: the newer address may have been completed with one of which nobody said when it changed.
 */
export function withoutRegionsOfOldPlaces(decision: Decision, states: FieldStates): Decision {
  const { send, unchanged, stale, waiting } = decision;
  const isElsewhere = ({ path, hash }: Wanted) => {
    const { hash: applied } = states[path] ?? {};
    return (
      placeParts.some((part) => path.endsWith(part)) && applied !== undefined && isOtherValue(applied, hash)
    );
  };
  const isOfOldPlace = ({ path }: Wanted) => {
    const field = addressOf(path);
    if (field === undefined || path !== `${field}.Region`) return false;
    const isBeside = (other: Wanted) => addressOf(other.path) === field && other.path !== path;
    return (
      stale.some((other) => isBeside(other) && isElsewhere(other)) &&
      ![...send, ...unchanged, ...waiting].some(isBeside)
    );
  };
  const old = send.filter(isOfOldPlace);
  return old.length === 0
    ? decision
    : { ...decision, send: send.filter((field) => !old.includes(field)), stale: [...stale, ...old] };
}
