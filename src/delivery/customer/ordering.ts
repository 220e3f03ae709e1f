/** Where a value stands in time. The later `occurredAt` wins; ties go by time of receipt, then by the change's id. */
export interface Position {
  /** Milliseconds since 1970, in the source's own time. */
  readonly occurredAt: number;
  /** Milliseconds since 1970, when the relay received it. */
  readonly receivedAt: number;
  readonly changeId: string;
}

/** What is known of one field of one customer. Holds no value, only a keyed hash of it. */
export interface FieldState {
  /** The newest change that was applied, or found to be unchanged. */
  readonly applied?: Position;
  /** Hash of the value that DirectScale holds; absent: not known. */
  readonly hash?: string;
  /** A change whose PATCH was begun and whose end nobody saw: it may or may not have been written. */
  readonly inDoubt?: Position;
}

/** The state of one customer: by field, for custom fields by `AssociateCustom.FieldN`. */
export type FieldStates = Readonly<Record<string, FieldState>>;

/** A value that a change wants to write, by field path. */
export interface Wanted {
  readonly path: string;
  readonly hash: string;
  readonly position: Position;
}

/** What is to be done with each field of a change. */
export interface Decision {
  /** Newer than what was applied and not known to be equal: to be sent. */
  readonly send: readonly Wanted[];
  /** Newer than what was applied, but DirectScale already holds the value. */
  readonly unchanged: readonly Wanted[];
  /** Older than what was applied: dropped. */
  readonly stale: readonly Wanted[];
  /** A newer change to these fields is in doubt: whether this one is stale is not known yet. */
  readonly waiting: readonly Wanted[];
}

/** Negative when `a` comes before `b`. */
export function comparePositions(a: Position, b: Position): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt - b.occurredAt;
  if (a.receivedAt !== b.receivedAt) return a.receivedAt - b.receivedAt;
  return a.changeId < b.changeId ? -1 : a.changeId > b.changeId ? 1 : 0;
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
    const applied = states[path]?.applied;
    return [path, { ...(applied && { applied }), inDoubt: position }];
  });
  return { ...states, ...Object.fromEntries(marked) };
}

/** After a success: DirectScale holds these values. */
export function markApplied(states: FieldStates, fields: readonly Wanted[]): FieldStates {
  const marked = fields.map(({ path, position, hash }): [string, FieldState] => [
    path,
    { applied: position, hash },
  ]);
  return { ...states, ...Object.fromEntries(marked) };
}

/** After a call that surely wrote nothing: the fields are as they were before it. */
export function restore(states: FieldStates, before: FieldStates, fields: readonly Wanted[]): FieldStates {
  const paths = new Set(fields.map(({ path }) => path));
  return Object.fromEntries([
    ...Object.entries(states).filter(([path]) => !paths.has(path)),
    ...Object.entries(before).filter(([path]) => paths.has(path)),
  ]);
}
