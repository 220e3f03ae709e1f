import type { InvocationContext } from '@azure/functions';
import type { Attempt, DeliveryRecord } from '../delivery/record.ts';

/** One line for each attempt: ids, field names and what DirectScale said. Loud where somebody has to act. */
export function logAttempt(
  context: InvocationContext,
  record: DeliveryRecord,
  attempt: Attempt | undefined,
): void {
  const { deliveryId, index, source, customerId, status, reason, fields } = record;
  const line = `change ${status}: ${JSON.stringify({ deliveryId, index, source, customerId, reason, fields, attempt })}`;
  if (status === 'parked' || attempt?.outcome === 'misconfigured') context.error(line);
  else if (attempt && (status === 'pending' || status === 'returned')) context.warn(line);
  else context.log(line);
}
