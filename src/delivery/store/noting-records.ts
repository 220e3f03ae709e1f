import { sideBySide } from '../../lib/side-by-side.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { NotedChanges } from './noted-changes.ts';
import type { Records } from './records.ts';

const callsAtATime = 8;

/**
 * Records with the index of the customers' changes kept beside them: what is not in it is not found, and cannot be
 * forgotten. A change is noted before its record is written, so what is noted without a copy has to be looked up; the copy
 * comes after the record, unless somebody else has noted the change since.
 */
export function notingRecords(records: Records, noted: NotedChanges): Records {
  /** Returns the version of the note; undefined: the customer is not known. */
  async function note({ customerId, deliveryId, index }: DeliveryRecord): Promise<string | undefined> {
    return customerId === undefined ? undefined : noted.note(customerId, { deliveryId, index });
  }

  async function addCopy(record: DeliveryRecord, etag: string | undefined): Promise<void> {
    const { customerId } = record;
    if (customerId !== undefined && etag !== undefined) await noted.addCopy(customerId, record, etag);
  }

  return {
    ...records,

    async create(changes, request) {
      const all = changes.map(({ record }) => record);
      const notes = await sideBySide(
        all.filter((record) => !isNotedByAttempt(record)),
        callsAtATime,
        async (record) => ({ record, etag: await note(record) }),
      );
      const isCreated = await records.create(changes, request);
      if (isCreated) await sideBySide(notes, callsAtATime, ({ record, etag }) => addCopy(record, etag));
      // Somebody else has recorded them, maybe with another end.
      else await sideBySide(all, callsAtATime, note);
      return isCreated;
    },

    async update(next, before) {
      const [etag] = await Promise.all([
        note(next.record),
        before.record.customerId !== next.record.customerId && note(before.record),
      ]);
      const isUpdated = await records.update(next, before);
      if (isUpdated) await addCopy(next.record, etag);
      else if (!(await records.read(next.record))) await unnote(next.record);
      return isUpdated;
    },
  };

  /** Of a change that was forgotten meanwhile, nothing may come back. */
  async function unnote({ customerId, deliveryId, index }: DeliveryRecord): Promise<void> {
    if (customerId !== undefined) await noted.unnote(customerId, { deliveryId, index });
  }
}

/** What has ended in the state of its customer was noted by the write that ended it. */
function isNotedByAttempt({ status }: DeliveryRecord): boolean {
  return status === 'applied' || status === 'unchanged' || status === 'stale';
}
