import * as z from 'zod';
import type { Source } from '../../config/source.ts';
import { changeSchema } from '../../domain/change.ts';
import { leftOutSchema } from '../../domain/left-out.ts';
import type { Violation } from '../../domain/violation.ts';
import type { MappedChange, MappedElement } from '../../mapping/mapped-element.ts';
import { type KeptRequest, keptBefore } from '../../sources/kept-request.ts';
import {
  type DeliveryItem,
  type JsonValue,
  type DeliveryContent as KindContent,
  MalformedDelivery,
} from '../../sources/kind.ts';
import { readKept } from '../../sources/read-kept.ts';
import { parseJson } from '../../sources/shared/json-body.ts';
import { type ReadPayload, readPayloadOf } from '../record/read-payload.ts';
import {
  type DeliveryRecord,
  describe,
  emptyRecord,
  type ParkingReason,
  type RecordedChange,
  type RecordOrigin,
} from '../record/record.ts';
import { isTooLarge } from '../store/record-rows.ts';
import { mapPayload, mapRecord, mapUnmerged, mergeMapped, timesOf } from './map-payload.ts';

/** One of the things that a delivery says: each stands for itself. */
export type DeliveryElement = MappedElement | UnmappedElement;

type UnmappedElement =
  /** `item` names a record that has to be read first. */
  | { readonly type: 'record'; readonly item: JsonValue }
  | { readonly type: 'for-a-person'; readonly reason: string };

/** What an authentic delivery says, once it is mapped. */
export type DeliveryContent =
  | {
      readonly type: 'elements';
      readonly elements: readonly DeliveryElement[];
      readonly mapping?: string | undefined;
      readonly isStrict?: boolean;
    }
  | Exclude<KindContent, { type: 'changes' | 'items' }>
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
    const read = readPayloadOf(request);
    if (read) return { senderId: '', content: await contentOfRead(source, read) };
    const { id: senderId, topic, sentAt, content } = readKept(source.kind, request, source.options);
    return { senderId, topic, content: await contentOf(source, content, receivedAt, sentAt) };
  } catch (error) {
    if (!(error instanceof MalformedDelivery)) throw error;
    const violations = [{ path: '', message: error.message }];
    return { senderId: '', content: { type: 'unmappable', violations } };
  }
}

async function contentOf(
  source: Source,
  content: KindContent,
  receivedAt: Date,
  sentAt?: Date,
): Promise<DeliveryContent> {
  if (content.type !== 'changes' && content.type !== 'items') return content;
  const elements =
    content.type === 'changes'
      ? await mapPayload(source, content.payload, receivedAt, sentAt)
      : await elementsOf(source, content.items, receivedAt, sentAt);
  if ('ok' in elements && !elements.ok) return { type: 'unmappable', violations: elements.violations };
  const mapping = (await source.mapping?.())?.hash;
  return {
    type: 'elements',
    elements: 'ok' in elements ? elements.elements : elements,
    mapping,
    isStrict: source.isStrict,
  };
}

/**
 * What a payload says that was read. A record's own time is that of its last edit, whichever field that was of: it counts
 * for no more than the begin of the reading, so that whatever was received since then stands.
 */
async function contentOfRead(source: Source, { payload, readAt }: ReadPayload): Promise<DeliveryContent> {
  const mapped = await mapRecord(source, payload, readAt, new Date());
  if (!mapped.ok) return { type: 'unmappable', violations: mapped.violations };
  const elements = mapped.elements.map((element) =>
    element.type === 'change' ? { ...element, change: notAfter(element.change, readAt) } : element,
  );
  const mapping = (await source.mapping?.())?.hash;
  return { type: 'elements', elements, mapping, isStrict: source.isStrict };
}

function notAfter(change: MappedChange, time: Date): MappedChange {
  const limit = time.toISOString();
  const earlier = (at: string) => (at < limit ? at : limit);
  const { occurredAt, occurredAtOf } = change;
  return {
    ...change,
    ...(occurredAt !== undefined && { occurredAt: earlier(occurredAt) }),
    ...(occurredAtOf && {
      occurredAtOf: Object.fromEntries(Object.entries(occurredAtOf).map(([path, at]) => [path, earlier(at)])),
    }),
  };
}

/** Maps each item for itself; what several say of one customer is one change. */
async function elementsOf(
  source: Source,
  items: readonly DeliveryItem[],
  receivedAt: Date,
  sentAt?: Date,
): Promise<DeliveryElement[]> {
  const elements: (MappedElement | UnmappedElement)[] = [];
  for (const item of items) {
    if ('payload' in item) {
      const result = await mapUnmerged(source, item.payload, timesOf(source, receivedAt, sentAt));
      if (result.ok) elements.push(...result.elements);
      else elements.push({ type: 'unusable', violations: result.violations, leftOut: [] });
    } else if ('record' in item) elements.push({ type: 'record', item: item.record });
    else elements.push({ type: 'for-a-person', reason: item.forAPerson });
  }
  return mergeMapped(elements);
}

/** A request of the direct route in the form in which it lies in the queue. */
const directSchema = z.strictObject({
  senderId: z.string(),
  change: changeSchema,
  leftOut: z.array(leftOutSchema),
  isStrict: z.boolean(),
});
export type DirectDelivery = z.infer<typeof directSchema>;

/** {@link readDirect} reads it again. */
export function directRequest(delivery: DirectDelivery): KeptRequest {
  const body = Buffer.from(JSON.stringify(delivery));
  return keptBefore({ headers: new Headers(), body });
}

/** The change of the direct route that was put into the queue. */
export function readDirect(request: KeptRequest): ReadDelivery {
  const { senderId, change, leftOut, isStrict } = directSchema.parse(parseJson(request.body));
  return {
    senderId,
    content: { type: 'elements', elements: [{ type: 'change', change, leftOut }], isStrict },
  };
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
    case 'elements': {
      const { elements, mapping, isStrict = false } = content;
      if (elements.length === 0) return ignored('nothing of a customer changed');
      const news = { ...(mapping !== undefined && { mapping }), ...(isStrict && { isStrict }) };
      return elements.map((element, index) => recordedElement(element, { ...at(index), ...news }));
    }
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

function recordedElement(element: DeliveryElement, empty: DeliveryRecord): RecordedChange {
  if (element.type === 'record') return bounded({ record: empty, thin: element.item });
  if (element.type === 'for-a-person') {
    const { reason: note } = element;
    return { record: { ...empty, status: 'parked', reason: 'for-a-person', note } };
  }
  if (element.type === 'change') {
    const { change, leftOut } = element;
    const told = leftOut.length > 0 ? { leftOut: [...leftOut] } : {};
    return bounded({ record: { ...empty, ...describe(change), ...told }, change });
  }
  const violations = [...element.violations];
  return {
    record: { ...empty, ...knownOf(element), status: 'parked', reason: 'unmappable', violations },
  };
}

/** What a record says of an element that cannot be used: whose it is, if that could be read, and what was left out. */
export type Known = Pick<DeliveryRecord, 'recordId' | 'customerId' | 'leftOut'>;

export function knownOf({
  recordId,
  customerId,
  leftOut,
}: Extract<MappedElement, { type: 'unusable' }>): Known {
  return {
    ...(recordId !== undefined && { recordId }),
    ...(customerId !== undefined && { customerId }),
    ...(leftOut.length > 0 && { leftOut: [...leftOut] }),
  };
}

/** A change that no row can hold is parked; the request is kept whole. */
function bounded(recorded: RecordedChange): RecordedChange {
  if (!isTooLarge(recorded)) return recorded;
  const note = 'one change may have about 700 kB, compressed';
  return { record: { ...recorded.record, status: 'parked', reason: 'too-large', note } };
}
