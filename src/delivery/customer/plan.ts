import { type Address, type AddressField, addressFields, addressProperties } from '../../domain/address.ts';
import type { AddressedChange } from '../../domain/change.ts';
import { type CustomerPatch, dangerousFields } from '../../domain/customer-patch.ts';
import { type FieldValue, fieldNamesOf, fieldsOf } from '../../domain/field-paths.ts';
import type { LeftOut } from '../../domain/left-out.ts';
import { decide, markApplied, markInDoubt, type Wanted } from '../record/field-states.ts';
import { comparePositions, type FieldState, type FieldStates, type Position } from '../record/position.ts';
import { comparable, isSameValue } from '../record/same-value.ts';
import { type HashOf, isOtherValue } from '../record/value-hash.ts';
import { addressIn, completeAddress, pickAddress } from './complete-address.ts';
import { withoutRegionsOfOldPlaces } from './old-regions.ts';
import { isCustomField, patchOf } from './patch.ts';
import {
  addressOf,
  everything,
  ifApplied,
  leftOutBefore,
  type Part,
  partToSend,
  type Unit,
  unitsOf,
} from './refused-fields.ts';

/** When a change was received, and its own name: what decides between changes of the same `occurredAt`. */
export interface Receipt {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly changeId: string;
}

/** What has to be read of a customer before it is written to. */
export interface Needed {
  /** Its record: `must` if the change cannot be sent without it, `may` if it could spare the call. */
  readonly record: 'must' | 'may' | 'no';
  readonly customFields: boolean;
}

/** What DirectScale holds now, by path, as far as it was read. */
export type Held = ReadonlyMap<string, FieldValue>;

export interface PlanInput {
  readonly change: AddressedChange;
  readonly receipt: Receipt;
  /** The state of the customer. */
  readonly states: FieldStates;
  /** Absent: nothing was read yet. */
  readonly held?: Held | undefined;
  readonly hashOf: HashOf;
  /** What the mapping could not use of the change: a part of an address among it must not be taken for unchanged. */
  readonly leftOut: readonly LeftOut[];
  /** True: an address that cannot be completed keeps the whole change out. False: it is left out. */
  readonly isStrict: boolean;
  /** True: what the relay wrote last counts for nothing, somebody may have changed it in DirectScale. Absent: false. */
  readonly isRepair?: boolean;
  /** What DirectScale refused before is tried again, in ms since 1970; absent: what was refused is left out. */
  readonly askedAgainAt?: number | undefined;
}

/** What is to be done with a change. Fields are named by path, in what is told by name. */
export type Plan =
  /** A newer change to the same fields is in doubt; `behind` holds the ids of such changes. */
  | { readonly type: 'wait'; readonly behind: readonly string[] }
  /** The customer has to be read first; then plan again. */
  | { readonly type: 'read'; readonly needed: Needed }
  /** Nothing is to be sent. `states`: what is known of the customer afterwards, if that is more. */
  | ({
      readonly type: 'nothing';
      readonly status: 'unchanged' | 'stale';
      readonly states?: FieldStates;
    } & Told)
  /** An address of the change cannot be completed, and nothing else is left of it (or it is strict). By path. */
  | ({ readonly type: 'incomplete'; readonly missing: readonly string[] } & Told)
  /** DirectScale refused all that is left of the change before. */
  | ({ readonly type: 'refused' } & Told)
  | ({
      readonly type: 'send';
      readonly patch: CustomerPatch;
      /** What the call sends, and what is left to be planned after it. */
      readonly part: Part;
      /** The states while the call is under way, after it succeeded, and if it surely wrote nothing. */
      readonly begun: FieldStates;
      readonly applied: FieldStates;
      readonly untouched: FieldStates;
    } & Told);

interface Told {
  /** Fields that are not sent: stale or unchanged. */
  readonly dropped: readonly string[];
  /** Fields in which DirectScale holds another value than the relay wrote last. */
  readonly drifted: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Decides what is to be sent of a change: field by field what is newer than what was applied and not the value that the
 * relay wrote last or that DirectScale was just seen to hold; addresses whole, completed with what DirectScale holds;
 * custom fields with those that the change does not name. Pure: no clock, no I/O.
 */
export function plan(input: PlanInput): Plan {
  const { change, states, held } = input;
  const wanted = wantedBy(input);
  const trusted = input.isRepair ? withoutHashes(wanted, states) : states;
  const { send, unchanged, stale, waiting } = withoutRegionsOfOldPlaces(decide(wanted, trusted), states);
  if (waiting.length > 0) return { type: 'wait', behind: newerInDoubt(waiting, states) };
  const known = markApplied(states, unchanged);
  const units = unitsOf(send, [...send, ...unchanged], input.hashOf);
  const values = new Map(fieldsOf(change.fields));
  // A call in doubt may still be under way: what is held now may be gone in a moment.
  const isHeld = ({ path }: Wanted) =>
    !states[path]?.inDoubt && isSameValue(path, values.get(path) ?? '', held?.get(path));
  const toAsk = input.isStrict ? [] : units.filter(({ fields }) => !fields.every(isHeld));
  const refused = toAsk.flatMap((unit) => leftOutBefore(unit, states, input.askedAgainAt) ?? []);
  const isRefused = ({ path }: Wanted) => isPartOf(path, refused);
  const open = send.filter((field) => !isRefused(field));
  if (open.length === 0) {
    const told = {
      dropped: namesOf(wanted.filter((field) => !isRefused(field))),
      drifted: [],
      leftOut: refused,
    };
    const isAnySame = unchanged.some((field) => !isRefused(field));
    if (isAnySame) return { type: 'nothing', status: 'unchanged', states: known, ...told };
    return refused.length > 0 ? { type: 'refused', ...told } : { type: 'nothing', status: 'stale', ...told };
  }

  const fresh = new Set([...send, ...unchanged].map(({ path }) => path));
  const needed = neededFor(open, fresh, trusted);
  if (!held && (needed.record !== 'no' || needed.customFields)) return { type: 'read', needed };
  const read: Held = held ?? new Map();
  const drifted = namesOf(wanted.filter((field) => hasDrifted(field, states, read, input.hashOf)));

  const newHere = open.filter((field) => !isHeld(field));
  const untouched = markApplied(known, open.filter(isHeld));

  const { addresses, missing } = completeAddresses(input, newHere, fresh, read);
  const leftOut = [...leftOutAddresses(missing), ...refused];
  const isLeftOut = ({ path }: Wanted) => isPartOf(path, leftOut);
  const sent = newHere.filter((field) => !isLeftOut(field));
  // What is equal goes along as a part of an address that is sent.
  const spared = [...unchanged, ...open.filter(isHeld)].filter(({ path }) => !isSentAlong(path, sent));
  const dropped = namesOf([...stale, ...spared].filter((field) => !isLeftOut(field)));
  const told = { dropped, drifted, leftOut };
  if (missing.length > 0 && (input.isStrict || sent.length === 0))
    return { type: 'incomplete', missing, ...told };
  if (sent.length === 0) return { type: 'nothing', status: 'unchanged', states: untouched, ...told };

  const toSend = withFieldsOf(units, sent);
  const part = input.isStrict ? everything(toSend) : partToSend(toSend, states, refused.length);
  const now = part.now.flatMap(({ fields }) => fields);
  const begun = markInDoubt(untouched, now);
  const applied = ifApplied(markApplied(begun, now), part);
  const patch = patchOf(change, now, addresses, read);
  return { type: 'send', patch, part, begun, applied, untouched, ...told };
}

/** Whether a path is one of those that are told, or a part of one. */
const isPartOf = (path: string, told: readonly LeftOut[]): boolean =>
  told.some((one) => one.path === path || one.path === addressOf(path));

/** The units of which something is sent, with what is sent. */
function withFieldsOf(units: readonly Unit[], sent: readonly Wanted[]): Unit[] {
  return units.flatMap((unit) => {
    const fields = unit.fields.filter((field) => sent.includes(field));
    return fields.length > 0 ? [{ ...unit, fields }] : [];
  });
}

const namesOf = (fields: readonly Wanted[]): string[] => fieldNamesOf(fields.map(({ path }) => path));

function wantedBy({ change, receipt, hashOf, isRepair, states }: PlanInput): Wanted[] {
  return fieldsOf(change.fields).map(([path, value]) => {
    const hash = hashOf(comparable(path, value));
    const position = positionOf(path, change, receipt);
    return { path, hash, position: isRepair ? repairing(position, hash, states[path]) : position };
  });
}

/** The source still has the value that the relay wrote last: to write it again is not older than that. */
function repairing(position: Position, hash: string, state: FieldState = {}): Position {
  const { applied } = state;
  if (!applied || state.hash !== hash || comparePositions(position, applied) >= 0) return position;
  const receivedAt = Math.max(position.receivedAt, applied.receivedAt + 1);
  return { ...applied, receivedAt, changeId: position.changeId };
}

/** Fields of which nothing is known but when they changed. What cannot be read in DirectScale keeps what is known. */
function withoutHashes(wanted: readonly Wanted[], states: FieldStates): FieldStates {
  const forgotten = wanted.flatMap(({ path }): [string, FieldState][] => {
    const { hash: _, ...rest } = states[path] ?? {};
    return isDangerous(path) ? [] : [[path, rest]];
  });
  return { ...states, ...Object.fromEntries(forgotten) };
}

/** Where the value of a field of a change stands in time. */
export function positionOf(
  path: string,
  change: AddressedChange,
  { receivedAt, changeId }: Receipt,
): Position {
  const time = change.occurredAtOf?.[path] ?? change.occurredAt;
  return { ...(time !== undefined && { occurredAt: Date.parse(time) }), receivedAt, changeId };
}

function newerInDoubt(waiting: readonly Wanted[], states: FieldStates): string[] {
  return [...new Set(waiting.flatMap(({ path }) => states[path]?.inDoubt?.changeId ?? []))];
}

const isDangerous = (path: string): boolean => dangerousFields.some((field) => field === path);

function neededFor(send: readonly Wanted[], fresh: ReadonlySet<string>, states: FieldStates): Needed {
  const isPartial = addressFields.some(
    (field) =>
      send.some(({ path }) => addressOf(path) === field) &&
      !addressProperties.every((property) => fresh.has(`${field}.${property}`)),
  );
  // The relay never wrote to these: DirectScale may hold the value all the same.
  const isUnknown = send.some(
    ({ path }) => !isCustomField(path) && !isDangerous(path) && !states[path]?.hash && !states[path]?.inDoubt,
  );
  return {
    record: isPartial ? 'must' : isUnknown ? 'may' : 'no',
    customFields: send.some(({ path }) => isCustomField(path)),
  };
}

function hasDrifted({ path }: Wanted, states: FieldStates, held: Held, hashOf: HashOf): boolean {
  const { hash, inDoubt } = states[path] ?? {};
  const value = held.get(path);
  return (
    hash !== undefined &&
    !inDoubt &&
    value !== undefined &&
    isOtherValue(hash, hashOf(comparable(path, value)))
  );
}

function isSentAlong(path: string, sent: readonly Wanted[]): boolean {
  const field = addressOf(path);
  return field !== undefined && sent.some((other) => addressOf(other.path) === field);
}

/** The whole addresses of which something is to be sent, or what nobody knows of them, by path. */
function completeAddresses(
  { change, receipt, states, leftOut }: PlanInput,
  send: readonly Wanted[],
  fresh: ReadonlySet<string>,
  held: Held,
) {
  const addresses: { [Field in AddressField]?: Address } = {};
  const missing: string[] = [];
  for (const field of addressFields.filter((name) => send.some(({ path }) => addressOf(path) === name))) {
    const current = addressIn(held, field);
    const changed = pickAddress(change.fields[field] ?? {}, (property) => fresh.has(`${field}.${property}`));
    // What became newer since belongs to the address that this change makes, even if it is a move.
    const newer = pickAddress(current, (property) => {
      const path = `${field}.${property}`;
      const applied = held.has(path) ? states[path]?.applied : undefined;
      return applied !== undefined && comparePositions(positionOf(path, change, receipt), applied) < 0;
    });
    // A part that cannot be used and that the country does without is empty in the change: nothing of it is missing.
    const unusable = addressProperties.filter(
      (property) =>
        change.fields[field]?.[property] === undefined &&
        leftOut.some(({ path }) => path === `${field}.${property}`),
    );
    const completed = completeAddress(field, { ...newer, ...changed }, current, unusable);
    if ('address' in completed) addresses[field] = completed.address;
    else missing.push(...completed.missing.map((property) => `${field}.${property}`));
  }
  return { addresses, missing };
}

function leftOutAddresses(missing: readonly string[]): LeftOut[] {
  return [...Map.groupBy(missing, (path) => addressOf(path) ?? path)].map(([path, parts]) => ({
    path,
    reason: `cannot be completed: ${parts.map((part) => part.split('.')[1]).join(', ')} is neither in the change nor in DirectScale`,
  }));
}
