import * as z from 'zod';
import type { Source } from '../../config/source.ts';
import { forbiddenFieldsOf } from '../../config/source.ts';
import { type Change, changeSchema } from '../../domain/change.ts';
import type { Violation } from '../../domain/violation.ts';
import { mergeChanges } from '../../mapping/merge-changes.ts';
import { validateChanges } from '../../mapping/validate-changes.ts';
import type { KeptRequest, DeliveryContent as KindContent } from '../../sources/kind.ts';
import { MalformedDelivery } from '../../sources/kind.ts';
import { parseJson } from '../../sources/shared/json-body.ts';
import {
  describe,
  emptyRecord,
  type ParkingReason,
  type RecordedChange,
  type RecordOrigin,
} from '../record/record.ts';
import { isTooLarge } from '../store/record-rows.ts';

/** What an authentic delivery says, once it is mapped. */
export type DeliveryContent =
  | { readonly type: 'changes'; readonly changes: readonly Change[]; readonly mapping?: string | undefined }
  | Exclude<KindContent, { type: 'changes' }>
  | { readonly type: 'unmappable'; readonly violations: readonly Violation[] };

/** A delivery as its sender means it. */
export interface ReadDelivery {
  /** Equal for every repeat of the delivery by its sender. */
  readonly senderId: string;
  readonly topic?: string | undefined;
  readonly content: DeliveryContent;
}

/**
 * Reads and maps what was taken, now or for a replay: `receivedAt` is when it came. What cannot be read is unmappable.
 * Rejects with a MappingUnusable if the mapping's file cannot be used now.
 */
export async function readDelivery(
  source: Source,
  request: KeptRequest,
  receivedAt: Date,
): Promise<ReadDelivery> {
  try {
    const { id: senderId, topic, content } = source.kind.read(request, source.options);
    if (content.type !== 'changes') return { senderId, topic, content };
    return { senderId, topic, content: await contentOf(source, content.payload, receivedAt) };
  } catch (error) {
    if (!(error instanceof MalformedDelivery)) throw error;
    return {
      senderId: '',
      content: { type: 'unmappable', violations: [{ path: '', message: error.message }] },
    };
  }
}

async function contentOf(source: Source, payload: unknown, receivedAt: Date): Promise<DeliveryContent> {
  const mapped = await mapPayload(source, payload, receivedAt);
  if (!Array.isArray(mapped)) return { type: 'unmappable', violations: mapped.violations };
  return { type: 'changes', changes: mapped, mapping: (await source.mapping?.())?.hash };
}

/** A request of the direct route in the form in which it lies in the queue. */
const directSchema = z.strictObject({ senderId: z.string(), change: changeSchema });

/** {@link readDirect} reads it again. */
export function directRequest(senderId: string, change: Change): KeptRequest {
  return { headers: new Headers(), body: Buffer.from(JSON.stringify({ senderId, change })) };
}

/** The change of the direct route that was put into the queue. */
export function readDirect(request: KeptRequest): ReadDelivery {
  const { senderId, change } = directSchema.parse(parseJson(request.body));
  return { senderId, content: { type: 'changes', changes: [change] } };
}

/**
 * Turns a payload into the changes that the source may make, one for each customer, or says everything that is wrong with
 * it. Changes by a user that the source is to ignore are left out.
 */
export async function mapPayload(
  source: Source,
  payload: unknown,
  receivedAt: Date,
  readAt = receivedAt,
): Promise<Change[] | { readonly violations: Violation[] }> {
  const mapping = await source.mapping?.();
  const result = mapping
    ? await mapping.map(payload, receivedAt, readAt)
    : validateChanges(payload, receivedAt, readAt);
  if (!result.ok) return { violations: result.violations };
  const violations = result.changes.flatMap(({ fields }) => forbiddenFieldsOf(fields, source.forbidden));
  if (violations.length > 0) return { violations };
  const taken = result.changes.flatMap(({ changedBy, ...change }) =>
    changedBy !== undefined && source.ignoreChangedBy.has(changedBy) ? [] : [change],
  );
  return mergeChanges(taken);
}

/** What is to be recorded of a delivery: a record for each change or item, at least one. */
export function recordedChangesOf(
  content: DeliveryContent,
  origin: Omit<RecordOrigin, 'index'>,
): RecordedChange[] {
  const at = (index: number) => emptyRecord({ ...origin, index });
  const parked = (reason: ParkingReason, news: object = {}): RecordedChange[] => [
    { record: { ...at(0), status: 'parked', reason, ...news } },
  ];
  const ignored = (reason: string): RecordedChange[] => [{ record: { ...at(0), status: 'ignored', reason } }];
  switch (content.type) {
    case 'changes': {
      const { changes, mapping } = content;
      if (changes.length === 0) return ignored('nothing of a customer changed');
      return changes.map((change, index) =>
        bounded({
          record: { ...at(index), ...describe(change), ...(mapping !== undefined && { mapping }) },
          change,
        }),
      );
    }
    case 'thin':
      if (content.items.length === 0) return ignored('nothing of a customer changed');
      return content.items.map((thin, index) => bounded({ record: at(index), thin }));
    case 'for-a-person':
      return parked('for-a-person', { note: content.reason });
    case 'unmappable':
      return parked('unmappable', { violations: content.violations });
    case 'references':
      return ignored('says only what a customer can be found by');
    case 'ignored':
      return ignored(content.reason);
  }
}

/** A change that no row can hold is parked; the request is kept whole. */
function bounded(recorded: RecordedChange): RecordedChange {
  if (!isTooLarge(recorded)) return recorded;
  const note = 'one change may have about 700 kB, compressed';
  return { record: { ...recorded.record, status: 'parked', reason: 'too-large', note } };
}
