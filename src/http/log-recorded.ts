import type { InvocationContext } from '@azure/functions';
import { countOutcome } from '../delivery/record/change-metrics.ts';
import type { Attempt, DeliveryRecord } from '../delivery/record/record.ts';

/** One line for each record that is written, and its count: ids, field names and what DirectScale said. Loud where somebody has to act. */
export function logRecorded(
  context: InvocationContext,
  record: DeliveryRecord,
  attempt: Attempt | undefined,
): void {
  const { deliveryId, index, source, customerId, status, reason, fields } = record;
  countOutcome(record, attempt, new Date());
  const line = `change ${status}: ${JSON.stringify({ deliveryId, index, source, customerId, reason, fields, attempt })}`;
  if (status === 'parked' || attempt?.outcome === 'misconfigured') context.error(line);
  else if (attempt && (status === 'pending' || status === 'returned')) context.warn(line);
  else context.log(line);
}
