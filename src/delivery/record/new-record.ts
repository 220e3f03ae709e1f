import { type Change, isAddressed } from '../../domain/change.ts';
import { fieldNamesOf, fieldsOf } from '../../domain/field-paths.ts';
import type { Violation } from '../../domain/violation.ts';
import type { NewRecord } from '../store/records.ts';
import type { DeliveryContent, MappedItem } from '../take/receive.ts';
import { receivedAtOf } from './delivery-id.ts';
import type { DeliveryRecord, ParkingReason } from './record.ts';

/** Where a record belongs. */
export interface RecordOrigin {
  readonly deliveryId: string;
  readonly index: number;
  readonly source: string;
  readonly topic?: string | undefined;
}

/** The records of a delivery, one for each change or item, at least one. */
export function recordsOf(content: DeliveryContent, origin: Omit<RecordOrigin, 'index'>): NewRecord[] {
  const at = (index: number): RecordOrigin => ({ ...origin, index });
  switch (content.type) {
    case 'changes':
      if (content.changes.length === 0)
        return [{ record: ignoredRecord(at(0), 'nothing of a customer changed') }];
      return content.changes.map((change, index) => ({ record: pendingRecord(at(index), change), change }));
    case 'items':
      if (content.items.length === 0)
        return [{ record: ignoredRecord(at(0), 'nothing of a customer changed') }];
      return content.items.map((item, index) => itemRecord(item, at(index)));
    case 'for-a-person':
      return [{ record: { ...parkedRecord(at(0), 'for-a-person'), note: content.reason } }];
    case 'unmappable':
      return [{ record: unmappableRecord(at(0), content.violations) }];
    case 'references':
      return [{ record: ignoredRecord(at(0), 'says only what a customer can be found by') }];
    case 'ignored':
      return [{ record: ignoredRecord(at(0), content.reason) }];
  }
}

function itemRecord(item: MappedItem, origin: RecordOrigin): NewRecord {
  if ('change' in item) return { record: pendingRecord(origin, item.change), change: item.change };
  if ('record' in item) return { record: emptyRecord(origin), thin: item.record };
  if ('violations' in item) return { record: unmappableRecord(origin, item.violations) };
  return { record: { ...parkedRecord(origin, 'for-a-person'), note: item.forAPerson } };
}

/** More than anybody reads. */
const violationsKept = 50;

/** A record of a change that is to be applied. */
export function pendingRecord(origin: RecordOrigin, change: Change): DeliveryRecord {
  return { ...emptyRecord(origin), ...describe(change) };
}

/** What a record says of a change: who, when, which fields; no values. */
export function describe(
  change: Change,
): Pick<DeliveryRecord, 'customerId' | 'recordId' | 'occurredAt' | 'fields'> {
  return {
    ...(isAddressed(change) && { customerId: change.customer.customerId }),
    ...(change.recordId !== undefined && { recordId: change.recordId }),
    occurredAt: change.occurredAt,
    fields: fieldNamesOf(fieldsOf(change.fields).map(([path]) => path)),
  };
}

/** A record of an authentic delivery that is not about a customer's data. */
export function ignoredRecord(origin: RecordOrigin, reason: string): DeliveryRecord {
  return { ...emptyRecord(origin), status: 'ignored', reason };
}

/** A record of something that nobody can apply. */
export function parkedRecord(origin: RecordOrigin, reason: ParkingReason): DeliveryRecord {
  return { ...emptyRecord(origin), status: 'parked', reason };
}

/** A record of an authentic delivery that the mapping cannot turn into a change. */
export function unmappableRecord(origin: RecordOrigin, violations: readonly Violation[]): DeliveryRecord {
  const kept = violations.slice(0, violationsKept);
  return { ...parkedRecord(origin, 'unmappable'), violations: kept };
}

/** A record of which nothing is known yet but where it belongs. */
export function emptyRecord({ deliveryId, index, source, topic }: RecordOrigin): DeliveryRecord {
  return {
    deliveryId,
    index,
    source,
    ...(topic && { topic }),
    receivedAt: receivedAtOf(deliveryId).toISOString(),
    status: 'pending',
    fields: [],
    dropped: [],
    attempts: [],
    failedAttempts: 0,
    turn: 0,
    violations: [],
  };
}
