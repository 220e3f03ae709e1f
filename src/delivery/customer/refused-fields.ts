import { type AddressField, addressFields } from '../../domain/address.ts';
import type { LeftOut } from '../../domain/left-out.ts';
import type { Wanted } from '../record/field-states.ts';
import { comparePositions, type FieldState, type FieldStates } from '../record/position.ts';
import type { Refusal } from '../record/refusal.ts';
import type { HashOf } from '../record/value-hash.ts';

/** What DirectScale takes or refuses as one: a field, a custom field, an address as a whole. */
export interface Unit {
  /** `FirstName`, `AssociateCustom.Field1`, `PrimaryAddress`. */
  readonly path: string;
  /** Of an address: of all properties that the change gives and that are not stale. */
  readonly hash: string;
  /** Its fields that are to be sent. */
  readonly fields: readonly Wanted[];
}

/**
 * What one call sends of a change, and what later ones do. A change goes whole, unless DirectScale refused it as a whole:
 * then the call is a question which of its fields is at fault.
 */
export interface Part {
  readonly now: readonly Unit[];
  readonly later: readonly Unit[];
  /** By path: those of both that DirectScale refused together. */
  readonly suspicions: ReadonlyMap<string, Suspicion>;
}

type Suspicion = Extract<Refusal, { is: 'suspected' }>;

/** A refusal by DirectScale of what a call sent. */
export interface Refused {
  /** For people, with DirectScale's words, without values. */
  readonly reason: string;
  /** In ms since 1970. */
  readonly at: number;
  /** True: it says that the data is at fault. False: it failed as it always does with this data. */
  readonly isCertain: boolean;
}

/** So many failures in a row, while changes to other customers pass, are as good as a refusal. */
const failuresToSuspect = 3;
/** A change of one field has no parts to ask for: only more failures tell that these are no accident. */
const failuresToRefuseOne = 5;

/** The address that a path belongs to. */
export function addressOf(path: string): AddressField | undefined {
  return addressFields.find((field) => path.startsWith(`${field}.`));
}

const unitPathOf = (path: string): string => addressOf(path) ?? path;

/** What is to be sent, as units: `send` of what is `fresh`, which includes what is unchanged. */
export function unitsOf(send: readonly Wanted[], fresh: readonly Wanted[], hashOf: HashOf): Unit[] {
  const freshOf = Map.groupBy(fresh, ({ path }) => unitPathOf(path));
  return [...Map.groupBy(send, ({ path }) => unitPathOf(path))].map(([path, fields]) => {
    const given = (freshOf.get(path) ?? fields).map((field) => `${field.path} ${field.hash}`).sort();
    return { path, fields, hash: fields[0]?.path === path ? fields[0].hash : hashOf(given.join('\n')) };
  });
}

/** The refusal that is remembered of a unit, if it has the same value still. */
function refusalOf({ path, hash }: Unit, states: FieldStates): Refusal | undefined {
  const refusal = states[path]?.refusal;
  return refusal?.hash === hash ? refusal : undefined;
}

/**
 * Why a unit is left out: DirectScale refused this value before, and nobody asked since `askedAgainAt` (in ms since 1970)
 * to try it again. Undefined: it is not.
 */
export function leftOutBefore(unit: Unit, states: FieldStates, askedAgainAt = 0): LeftOut | undefined {
  const refusal = refusalOf(unit, states);
  if (refusal?.is !== 'refused' || refusal.at < askedAgainAt) return undefined;
  return { path: unit.path, reason: refusal.reason };
}

/** All units in one call, whatever is known of them. */
export const everything = (units: readonly Unit[]): Part => ({
  now: units,
  later: [],
  suspicions: new Map(),
});

/**
 * What the next call sends. Of those that were refused together a part: what is no address if there are both, else the
 * second half. What is not suspected goes before the last suspect, which then goes alone. `refusedBefore`: how many of
 * the change's units are known to be refused. If there are several, the others go in ever smaller groups: else a customer
 * of which DirectScale refuses everything would cost far more calls than it has fields.
 */
export function partToSend(units: readonly Unit[], states: FieldStates, refusedBefore: number): Part {
  const suspicions = new Map(
    units.flatMap((unit): [string, Suspicion][] => {
      const suspicion = suspicionOf(unit, states);
      return suspicion ? [[unit.path, suspicion]] : [];
    }),
  );
  const suspected = units.filter(({ path }) => suspicions.has(path));
  const others = units.filter(({ path }) => !suspicions.has(path));
  const now = suspected.length > 1 ? halfOf(suspected, suspicions) : groupOf(others, refusedBefore);
  const part = now.length > 0 ? now : suspected;
  return { now: part, later: units.filter((unit) => !part.includes(unit)), suspicions };
}

/** One that was refused and is to be tried again is a suspect, too: the others go first. */
function suspicionOf(unit: Unit, states: FieldStates): Suspicion | undefined {
  const refusal = refusalOf(unit, states);
  if (refusal?.is === 'refused') return { ...refusal, is: 'suspected', among: 0, isCertain: false };
  return refusal?.is === 'suspected' ? refusal : undefined;
}

const isAddress = ({ path }: Unit): boolean => addressFields.some((field) => field === path);

function halfOf(suspected: readonly Unit[], suspicions: Part['suspicions']): Unit[] {
  const addresses = suspected.filter(isAddress);
  const plain = suspected.filter((unit) => !isAddress(unit));
  const isCertain = suspected.every(({ path }) => suspicions.get(path)?.isCertain);
  if (isCertain && addresses.length > 0 && plain.length > 0) return plain;
  // After mere failures each suspect is asked for alone in the end: then only halves need few calls.
  return [...addresses, ...plain].slice(Math.ceil(suspected.length / 2));
}

function groupOf(units: readonly Unit[], refusedBefore: number): readonly Unit[] {
  return units.slice(0, Math.ceil(units.length / 2 ** Math.max(0, refusedBefore - 1)));
}

/** What is known after DirectScale took a part. `states`: with that part applied. */
export function ifApplied(states: FieldStates, { now, later, suspicions }: Part): FieldStates {
  const known = now.reduce((all, { path }) => withRefusal(all, path, undefined), states);
  const left = later.flatMap((unit) => {
    const suspicion = suspicions.get(unit.path);
    return suspicion ? [{ unit, suspicion }] : [];
  });
  const wasAsked = now.some(({ path }) => suspicions.has(path));
  const [last] = left;
  // All that it was refused with was taken without it.
  if (!wasAsked && last && later.length === 1 && last.suspicion.isCertain && last.suspicion.among === 1)
    return markRefused(known, last.unit, last.suspicion);
  if (!wasAsked) return known;
  // Of a group of which a member has another value by now nobody knows whether it holds the one at fault.
  const isWhole = [...suspicions.values()].every(({ among }) => among === suspicions.size);
  const among = isWhole ? left.length : 0;
  return left.reduce(
    (all, { unit, suspicion }) => withRefusal(all, unit.path, { ...suspicion, among }),
    known,
  );
}

/** What is known after DirectScale refused a part. `states`: as they are after a call that wrote nothing. */
export function ifRefused(states: FieldStates, { now, later }: Part, refused: Refused): FieldStates {
  // The one at fault is in this part; of the others nothing is known any more.
  const known = later.reduce(
    (all, unit) => (refusalOf(unit, all) ? withRefusal(all, unit.path, undefined) : all),
    states,
  );
  const [only] = now;
  if (only && now.length === 1) return markRefused(known, only, refused);
  return now.reduce(
    (all, { path, hash }) => withRefusal(all, path, { is: 'suspected', hash, among: now.length, ...refused }),
    known,
  );
}

/**
 * What is known after DirectScale answered 500 to a part. `states`: while the call is under way. `passedSince` says whether
 * a change to another customer was applied since then: without that, DirectScale may be down. `isOwn`: it is this change
 * that fails.
 */
export function ifFailed(
  states: FieldStates,
  part: Part,
  refused: Omit<Refused, 'isCertain'>,
  passedSince: (at: number) => boolean,
): { readonly states: FieldStates; readonly isOwn: boolean } {
  const before = [...part.now, ...part.later].flatMap((unit) => refusalOf(unit, states) ?? []);
  const isOwn = before.length > 0 && passedSince(Math.max(...before.map(({ at }) => at)));
  if (before.length > 0 && !isOwn) return { states, isOwn };
  const times = 1 + Math.max(0, ...before.map((refusal) => (refusal.is === 'failing' ? refusal.times : 0)));
  const isOne = part.now.length + part.later.length === 1;
  const isEnough = times >= (isOne ? failuresToRefuseOne : failuresToSuspect);
  if (isEnough || before.some(({ is }) => is !== 'failing'))
    return { states: ifRefused(states, part, { ...refused, isCertain: false }), isOwn };
  const failing = part.now.reduce(
    (all, { path, hash }) => withRefusal(all, path, { is: 'failing', hash, at: refused.at, times }),
    states,
  );
  return { states: failing, isOwn };
}

/**
 * A unit is refused for good. What was in doubt counts as written then, with a value that nobody knows: an older change
 * must neither wait for it for ever nor come over it.
 */
function markRefused(states: FieldStates, unit: Unit, { reason, at }: Pick<Refused, 'reason' | 'at'>) {
  const settled = unit.fields.flatMap(({ path }): [string, FieldState][] => {
    const { applied, inDoubt } = states[path] ?? {};
    if (!inDoubt) return [];
    return [[path, { applied: applied && comparePositions(applied, inDoubt) > 0 ? applied : inDoubt }]];
  });
  const known = { ...states, ...Object.fromEntries(settled) };
  return withRefusal(known, unit.path, { is: 'refused', hash: unit.hash, reason, at });
}

function withRefusal(states: FieldStates, path: string, refusal: Refusal | undefined): FieldStates {
  const { refusal: _, ...rest } = states[path] ?? {};
  if (refusal) return { ...states, [path]: { ...rest, refusal } };
  if (Object.keys(rest).length > 0) return { ...states, [path]: rest };
  const { [path]: __, ...others } = states;
  return others;
}
