import { measure } from '../../telemetry/telemetry.ts';
import { countLeftOut } from './left-out-metrics.ts';
import type { Attempt, DeliveryRecord } from './record.ts';

/** Counts a change that was received and is safe now. */
export function countAccepted({ source }: DeliveryRecord): void {
  measure('relay.changes', 1, { source, outcome: 'accepted' });
}

/** Counts what an attempt, or the way in, made of a change; of an applied one also how old it was, of a finished one what was left out. */
export function countOutcome(record: DeliveryRecord, attempt: Attempt | undefined, now: Date): void {
  const { source, status, receivedAt } = record;
  // It was accepted, and nothing else has become of it yet.
  if (status === 'pending' && !attempt) return;
  const outcome = status === 'pending' ? 'retried' : status;
  const reason = status === 'ignored' ? undefined : (attempt?.reason ?? record.reason);
  measure('relay.changes', 1, { source, outcome, ...(reason && { reason }) });
  if (status !== 'pending') countLeftOut(record);
  if (status === 'applied') {
    measure('relay.change.age', Math.max(0, now.getTime() - Date.parse(receivedAt)), { source });
  }
}
