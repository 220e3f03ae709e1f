import { addressFields } from '../domain/address.ts';
import { type Change, isAddressed } from '../domain/change.ts';
import { type FieldValue, fieldsOf, fromPaths } from '../domain/field-paths.ts';
import type { LeftOut } from '../domain/left-out.ts';
import type { MappedElement } from './mapped-element.ts';

type ChangeElement = Extract<MappedElement, { type: 'change' }>;
type NotMapped = { readonly type: 'record' | 'for-a-person' };
type UnusableElement = Extract<MappedElement, { type: 'unusable' }>;

/**
 * Makes several changes to one customer one: the newest value of each field with its own time, ties by position in
 * the delivery. Those without a time become one of their own, before it. The customers keep the order in which they first appear.
 */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const elements = changes.map((change): ChangeElement => ({ type: 'change', change, leftOut: [] }));
  return [...Map.groupBy(elements, ({ change }) => whose(change)).values()].flatMap((same) =>
    merge(same).map(({ change }) => change),
  );
}

/**
 * The same for the elements of a mapping, with what was left out of them: a value that cannot be used is told, unless a later
 * change brings one that can. An element of which no field is left adds its reasons to the others of its customer.
 * What no mapping made stays as it is, in its place.
 */
export function mergeElements(elements: readonly MappedElement[]): MappedElement[];
export function mergeElements<Other extends NotMapped>(
  elements: readonly (MappedElement | Other)[],
): (MappedElement | Other)[];
export function mergeElements(elements: readonly (MappedElement | NotMapped)[]) {
  const isMapped = (element: MappedElement | NotMapped): element is MappedElement =>
    element.type === 'change' || element.type === 'unusable';
  const groups = Map.groupBy(elements, (element) => (isMapped(element) && ownerOf(element)) || element);
  return [...groups.values()].flatMap((group): (MappedElement | NotMapped)[] => {
    if (group.length === 1) return group;
    const same = group.filter(isMapped);
    if (same.length < group.length) return group;
    const changes = same.filter((element) => element.type === 'change');
    const unusable = same.filter((element) => element.type === 'unusable');
    const withoutFields = unusable.filter(isWithoutFields);
    const others = unusable.filter((element) => !isWithoutFields(element));
    const [first, ...more] = withoutFields;
    if (changes.length > 0) return [...merge(changes, withoutFields), ...others];
    return first ? [{ ...first, ...together([first, ...more]) }, ...others] : others;
  });
}

/** Nothing is wrong but that every field was left out. */
function isWithoutFields({ violations, leftOut }: UnusableElement): boolean {
  const paths = new Set(leftOut.map(({ path }) => path));
  return violations.every(({ path }) => paths.has(path));
}

function together(same: readonly UnusableElement[]): Pick<UnusableElement, 'violations' | 'leftOut'> {
  return {
    violations: same.flatMap(({ violations }) => violations),
    leftOut: same.flatMap(({ leftOut }) => leftOut),
  };
}

function ownerOf(element: MappedElement): string | undefined {
  if (element.type === 'change') return whose(element.change);
  if (element.customerId !== undefined) return `customer ${element.customerId}`;
  return element.recordId === undefined ? undefined : `record ${element.recordId}`;
}

/** Equal for changes that name the same customer. */
export function whose(change: Change): string {
  if (isAddressed(change)) return `customer ${change.customer.customerId}`;
  return change.recordId === undefined ? JSON.stringify(change.customer) : `record ${change.recordId}`;
}

function merge(
  same: readonly ChangeElement[],
  withoutFields: readonly UnusableElement[] = [],
): ChangeElement[] {
  const timed = same.filter(({ change }) => change.occurredAt !== undefined);
  const untimed = same.filter(({ change }) => change.occurredAt === undefined);
  if (timed.length === 0) return [mergeAlike(untimed, withoutFields)];
  const isTimed = ({ occurredAt }: UnusableElement) => occurredAt !== undefined;
  if (untimed.length === 0) return [mergeAlike(timed, withoutFields)];
  return [
    mergeAlike(
      untimed,
      withoutFields.filter((element) => !isTimed(element)),
    ),
    mergeAlike(timed, withoutFields.filter(isTimed)),
  ];
}

/** What an element says, and when. */
interface Said {
  readonly time: string;
  readonly values: readonly (readonly [path: string, value: FieldValue])[];
  readonly leftOut: readonly LeftOut[];
}

/** The changes have a time, or none has one. */
function mergeAlike(
  same: readonly ChangeElement[],
  withoutFields: readonly UnusableElement[] = [],
): ChangeElement {
  const timeOf = ({ change }: ChangeElement) => change.occurredAt ?? '';
  const said = [
    ...withoutFields.map(({ occurredAt = '', leftOut }): Said => ({ time: occurredAt, values: [], leftOut })),
    ...same.map(
      (element): Said => ({
        time: timeOf(element),
        values: fieldsOf(element.change.fields),
        leftOut: element.leftOut,
      }),
    ),
  ].toSorted(byTime);
  const values = new Map<string, FieldValue>();
  const times = new Map<string, string>();
  const leftOut = new Map<string, LeftOut>();
  for (const one of said) {
    for (const [path, value] of one.values) {
      values.set(path, value);
      times.set(path, one.time);
      leftOut.delete(path);
    }
    for (const told of one.leftOut) {
      leftOut.set(told.path, told);
      if (isOfOtherPlace(told.path, one)) for (const known of [values, times]) known.delete(told.path);
    }
  }
  const newest = same.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1) as ChangeElement; // a group is never empty
  const setsReferences = same.flatMap(({ change }) => change.setsReferences ?? []);
  const older = [...times].filter(([, time]) => time !== timeOf(newest));
  return {
    ...newest,
    change: {
      ...newest.change,
      ...(older.length > 0 && { occurredAtOf: Object.fromEntries(older) }),
      ...(setsReferences.length > 0 && { setsReferences }),
      fields: fromPaths(values),
    },
    leftOut: [...leftOut.values()],
  };
}

const byTime = (a: Said, b: Said): number => a.time.localeCompare(b.time);

/** Whether other parts are said of the address of which this one was left out: that of before may be of another place. */
function isOfOtherPlace(path: string, { values }: Said): boolean {
  const field = addressFields.find((name) => path.startsWith(`${name}.`));
  const said = values.map(([other]) => other);
  return field !== undefined && said.some((other) => other.startsWith(`${field}.`)) && !said.includes(path);
}
