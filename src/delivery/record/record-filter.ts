import type { FieldName } from '../../domain/customer-patch.ts';
import type { FoundBy } from './found-by.ts';
import type { DeliveryRecord, Status } from './record.ts';

/** Which record: a delivery and the position of the change in it. */
export interface RecordReference {
  readonly deliveryId: string;
  readonly index: number;
}

/** What an operator looks for. */
export interface RecordFilter {
  readonly status?: Status | undefined;
  /** Why a change is parked, ignored or returned, or what it waits for. */
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
  /** What read it. */
  readonly foundBy?: FoundBy | undefined;
  /** A change that sets this field, or out of which it was left. */
  readonly field?: FieldName | undefined;
  /** The record's id in the system that it comes from. */
  readonly recordId?: string | undefined;
  /** True: finished, with a field left out. */
  readonly isLeftOut?: boolean | undefined;
  /** Received at or after. */
  readonly since?: Date | undefined;
  /** Received before. */
  readonly until?: Date | undefined;
}

export interface RecordPage {
  readonly records: readonly DeliveryRecord[];
  /** Where the next page begins; absent after the last. */
  readonly next?: string;
}
