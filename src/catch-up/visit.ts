import type { LookContext, OnRecorded } from '../delivery/attempt/attempt-change.ts';
import { receiptOf } from '../delivery/attempt/attempt-change.ts';
import {
  changesOfRead,
  deliverRead,
  needsLookUp,
  type Read,
  type Stopped,
  stopOf,
} from '../delivery/attempt/deliver-read.ts';
import type { Compared } from '../delivery/customer/compare.ts';
import type { Outcome } from '../delivery/record/outcome.ts';
import type { DeliveryRecord, RecordedChange } from '../delivery/record/record.ts';
import { type AddressedChange, isAddressed } from '../domain/change.ts';
import type { Finding, Mode, ReadOutcome } from './report.ts';

/** What came of one payload; `stopped`: nobody can go on now, and it must be read again. */
export interface Visited {
  readonly findings: readonly Finding[];
  readonly stopped?: Stopped | undefined;
}

/**
 * The one place through which goes what a vendor's API or a file gave: written, foreseen or compared. A finding for each
 * change of the payload. Throws what storage and secrets throw, and a MappingUnusable.
 */
export async function visit(
  read: Read,
  mode: Mode,
  context: LookContext,
  onRecorded: OnRecorded,
): Promise<Visited> {
  if (mode === 'write') {
    const { records, stopped } = await deliverRead(read, context, onRecorded);
    return { findings: records.map(findingOfRecord), stopped };
  }
  const { changes } = await changesOfRead(read);
  const findings: Finding[] = [];
  for (const change of changes) {
    const looked = await look(change, read, mode, context);
    if ('stopped' in looked) return { findings, stopped: looked.stopped };
    findings.push(looked);
  }
  return { findings };
}

async function look(
  change: RecordedChange,
  read: Read,
  mode: Exclude<Mode, 'write'>,
  context: LookContext,
): Promise<Finding | { readonly stopped: Stopped }> {
  const { record } = change;
  if (record.status !== 'pending' || !change.change) return findingOfRecord(record);
  if (!read.mayLookUp && (await needsLookUp(change, context))) return findingOf(record, 'not-found');
  const subject = await subjectOf(change, context);
  if ('follows' in subject) return findingOfOutcome(record, subject);
  const known = { ...record, customerId: subject.change.customer.customerId };
  if (mode === 'compare') {
    const compared = await context.compare(subject);
    return 'follows' in compared ? findingOfOutcome(known, compared) : comparedFinding(known, compared);
  }
  const foreseen = await context.foresee({ ...subject, foundBy: read.foundBy });
  if (foreseen.type === 'other') return findingOfOutcome(known, foreseen.outcome);
  if (foreseen.type !== 'change') return findingOf(known, foreseen.type);
  return { ...findingOf(known, 'would-change'), fields: foreseen.fields.map((path) => ({ path })) };
}

/** The change with its customer, or what stands in the way. */
async function subjectOf({ record, change }: RecordedChange, context: LookContext) {
  const { receipt } = receiptOf(record);
  const { leftOut = [], isStrict = false } = record;
  const subject = (addressed: AddressedChange) => ({ change: addressed, receipt, leftOut, isStrict });
  if (!change) throw new Error('a change that is pending is there, or is read first');
  if (isAddressed(change)) return subject(change);
  const { source, recordId } = record;
  const found = await context.findOnly({
    source,
    recordId,
    receivedAt: receipt.receivedAt,
    lookUp: 'lookUp' in change.customer ? change.customer.lookUp : [],
  });
  if ('follows' in found) return found;
  return subject({ ...change, customer: { customerId: found.customerId } });
}

function comparedFinding(record: DeliveryRecord, { fields }: Compared): Finding {
  const differs = fields.some(({ verdict }) => verdict !== 'agrees' && verdict !== 'unknown');
  return { ...findingOf(record, differs ? 'differs' : 'agrees'), fields: [...fields] };
}

/** What follows from an outcome that is no success; nothing is written for it. */
function findingOfOutcome(record: DeliveryRecord, outcome: Outcome): Finding | { readonly stopped: Stopped } {
  const stopped = stopOf(outcome);
  if (stopped) return { stopped };
  if (outcome.follows === 'done') return findingOf(record, 'ignored');
  const reason = outcome.follows === 'park' ? outcome.reason : outcome.told.reason;
  const status = outcome.follows === 'park' ? ('parked' as const) : ('pending' as const);
  return findingOfRecord({ ...record, status, ...(reason !== undefined && { reason }) });
}

function findingOfRecord(record: DeliveryRecord): Finding {
  const { status, reason, fields, deliveryId, violations } = record;
  if (status === 'parked' && reason === 'customer-not-found') return findingOf(record, 'not-found');
  // Only the direct route has changes that are given back.
  const outcome: ReadOutcome = status === 'returned' ? 'ignored' : status;
  return {
    ...findingOf(record, outcome),
    ...(reason !== undefined && { reason }),
    ...(violations.length > 0 && { violations }),
    ...(status === 'applied' || status === 'pending' || status === 'parked' ? { deliveryId } : {}),
    fields: fields.map((path) => ({ path })),
  };
}

function findingOf({ customerId, recordId }: DeliveryRecord, outcome: ReadOutcome): Finding {
  return {
    outcome,
    ...(customerId !== undefined && { customerId }),
    ...(recordId !== undefined && { recordId }),
    fields: [],
  };
}
