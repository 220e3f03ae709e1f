import type { Source } from '../../config/source.ts';
import { addressFields } from '../../domain/address.ts';
import { type FieldValue, fieldsOf } from '../../domain/field-paths.ts';
import type { LeftOut } from '../../domain/left-out.ts';
import type { Violation } from '../../domain/violation.ts';
import { readDelivery, recordedChangesOf } from '../attempt/read-delivery.ts';
import { receivedAtOf } from '../record/delivery-id.ts';
import { unpackRequest } from '../record/packed-request.ts';
import type { RecordedChange } from '../record/record.ts';
import type { Tables } from '../store/stores.ts';

/** A change of a recorded delivery beside what today's mapping makes of it. */
export interface RemappedChange {
  readonly index: number;
  /** `thin`: the delivery only names a record, which would have to be read. */
  readonly result: 'same' | 'different' | 'gone' | 'new' | 'thin';
  readonly customerId?: string;
  /** Fields, by path, that only today's mapping gives, that only the one before gave, and that get another value. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly violations: readonly Violation[];
  /** Of those fields. Personal data. */
  readonly values: Readonly<Record<string, { readonly before?: FieldValue; readonly now?: FieldValue }>>;
}

export interface Remapped {
  readonly source: string;
  readonly mappingBefore?: string;
  readonly mappingNow?: string;
  /** Why today nothing would be applied of it. */
  readonly ignored?: string;
  readonly changes: readonly RemappedChange[];
}

/**
 * What today's mapping would make of a recorded delivery; nothing is changed. Rejects with a MappingUnusable if the mapping
 * cannot be used, and with what storage throws.
 */
export async function remap(
  deliveryId: string,
  sources: ReadonlyMap<string, Source>,
  { records }: Pick<Tables, 'records'>,
): Promise<Remapped | 'unknown' | 'nothing-to-map'> {
  const existing = await records.ofDelivery(deliveryId);
  const [first] = existing;
  if (!first) return 'unknown';
  const { source: name, topic, mapping } = first.record;
  const source = sources.get(name);
  const request = source && (await records.request(deliveryId));
  if (!request) return 'nothing-to-map';
  const { content } = await readDelivery(source, unpackRequest(request), receivedAtOf(deliveryId));
  const today = recordedChangesOf(content, { deliveryId, source: name, topic });
  const before = new Map(existing.map((stored) => [stored.record.index, stored]));
  const now = new Map(today.map((change) => [change.record.index, change]));
  const indexes = [...new Set([...before.keys(), ...now.keys()])].toSorted((a, b) => a - b);
  const [only] = today;
  const mappingNow = content.type === 'elements' ? content.mapping : undefined;
  return {
    source: name,
    ...(mapping !== undefined && { mappingBefore: mapping }),
    ...(mappingNow !== undefined && { mappingNow }),
    ...(only?.record.status === 'ignored' && { ignored: only.record.reason ?? 'nothing to apply' }),
    changes: indexes.map((index) => compareChanges(index, before.get(index), now.get(index))),
  };
}

function compareChanges(
  index: number,
  before: RecordedChange | undefined,
  now: RecordedChange | undefined,
): RemappedChange {
  const [then, today] = [valuesOf(before), valuesOf(now)];
  const isThin = now?.thin !== undefined;
  const added = isThin ? [] : [...today.keys()].filter((path) => !then.has(path));
  const removed = isThin ? [] : [...then.keys()].filter((path) => !today.has(path));
  const changed = [...today.keys()].filter((path) => then.has(path) && then.get(path) !== today.get(path));
  const { leftOut = [], violations = [] } = now?.record ?? {};
  const customerId = now?.record.customerId ?? before?.record.customerId;
  const isSame = added.length + removed.length + changed.length === 0 && hasSameProblems(before, now);
  const pairs = [...added, ...removed, ...changed].map((path) => {
    const [old, fresh] = [then.get(path), today.get(path)];
    return [path, { ...(old !== undefined && { before: old }), ...(fresh !== undefined && { now: fresh }) }];
  });
  return {
    index,
    result: !before ? 'new' : !now ? 'gone' : isThin ? 'thin' : isSame ? 'same' : 'different',
    ...(customerId !== undefined && { customerId }),
    added,
    removed,
    changed,
    leftOut,
    violations,
    values: Object.fromEntries(pairs),
  };
}

const valuesOf = (recorded: RecordedChange | undefined): ReadonlyMap<string, FieldValue> =>
  new Map(recorded?.change ? fieldsOf(recorded.change.fields) : []);

/** By path. What an attempt added (an address that cannot be completed) is not the mapping's. */
function hasSameProblems(before: RecordedChange | undefined, now: RecordedChange | undefined): boolean {
  return JSON.stringify(problemsOf(before)) === JSON.stringify(problemsOf(now));
}

function problemsOf(recorded: RecordedChange | undefined): string[] {
  const { leftOut = [], violations = [], reason } = recorded?.record ?? {};
  const ofMapping = leftOut.filter(({ path }) => !addressFields.some((field) => field === path));
  return [...ofMapping, ...(reason === 'unmappable' ? violations : [])].map(({ path }) => path).toSorted();
}
