import { comparePositions, type FieldState, type FieldStates, type Position } from './position.ts';

/** A value that a change wants to write, by field path. */
export interface Wanted {
  readonly path: string;
  readonly hash: string;
  readonly position: Position;
}

/** What may be done with each field of a change. */
export interface Decision {
  /** Newer than what was applied and not known to be equal: to be sent. */
  readonly send: readonly Wanted[];
  /** Newer than what was applied, but the relay wrote this value last. */
  readonly unchanged: readonly Wanted[];
  /** Older than what was applied. */
  readonly stale: readonly Wanted[];
  /** A newer change to these fields is in doubt: whether this one is stale is not known yet. */
  readonly waiting: readonly Wanted[];
}

/** Decides, field by field, what a change may still write. */
export function decide(wanted: readonly Wanted[], states: FieldStates): Decision {
  const decision = {
    send: [] as Wanted[],
    unchanged: [] as Wanted[],
    stale: [] as Wanted[],
    waiting: [] as Wanted[],
  };
  for (const field of wanted) {
    const { applied, hash, inDoubt } = states[field.path] ?? {};
    if (applied && comparePositions(field.position, applied) < 0) decision.stale.push(field);
    else if (inDoubt && comparePositions(field.position, inDoubt) < 0) decision.waiting.push(field);
    else if (!inDoubt && hash === field.hash) decision.unchanged.push(field);
    else decision.send.push(field);
  }
  return decision;
}

/** Before a call: the fields are in doubt, and what DirectScale holds is not known until the end is seen. */
export function markInDoubt(states: FieldStates, fields: readonly Wanted[]): FieldStates {
  const marked = fields.map(({ path, position }): [string, FieldState] => {
    const { applied, refusal } = states[path] ?? {};
    return [path, { ...(applied && { applied }), ...(refusal && { refusal }), inDoubt: position }];
  });
  return { ...states, ...Object.fromEntries(marked) };
}

/** After a success, or when DirectScale was seen to hold these values. */
export function markApplied(states: FieldStates, fields: readonly Wanted[]): FieldStates {
  const marked = fields.map(({ path, position, hash }): [string, FieldState] => [
    path,
    { applied: position, hash },
  ]);
  return { ...states, ...Object.fromEntries(marked) };
}

/**
 * After a call that may have come after a newer one: what DirectScale holds in these fields is not known, and the newest
 * change to each must be written again. An older change then waits for it; it is not stale before that is done.
 */
export function markOvertaken(states: FieldStates, paths: readonly string[]): FieldStates {
  const marked = paths.flatMap((path): [string, FieldState][] => {
    const { applied, inDoubt } = states[path] ?? {};
    if (inDoubt && (!applied || comparePositions(applied, inDoubt) < 0))
      return [[path, { ...(applied && { applied }), inDoubt }]];
    return applied ? [[path, { inDoubt: applied }]] : [];
  });
  return { ...states, ...Object.fromEntries(marked) };
}

/** Whether `next` says more than `states`: another value, or that a value held at a later time of its source. */
export function saysMore(next: FieldStates, states: FieldStates): boolean {
  return Object.entries(next).some(([path, { applied, hash }]) => {
    const before = states[path];
    return before?.hash !== hash || before?.applied?.occurredAt !== applied?.occurredAt;
  });
}
