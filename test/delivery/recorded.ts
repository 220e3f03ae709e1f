import { randomUUID } from 'node:crypto';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { type PackedRequest, packRequest } from '../../src/delivery/record/packed-request.ts';
import { type DeliveryRecord, describe, emptyRecord } from '../../src/delivery/record/record.ts';
import type { Change } from '../../src/domain/change.ts';

/** The id of a delivery that no other test has. */
export const newDeliveryId = (receivedAt = '2026-11-23T12:00:00.000Z'): string =>
  deliveryIdOf(new Date(receivedAt), deliveryIdentity('test', randomUUID()));

export const changeOf = (customerId: string): Change => ({
  customer: { customerId },
  occurredAt: '2026-11-23T11:00:00.000Z',
  fields: { FirstName: 'Anna' },
});

/** A pending change, as it is recorded. */
export function recorded(
  deliveryId: string,
  { index = 0, customerId = '7', source = 'shop', ...news }: Partial<DeliveryRecord> = {},
) {
  const change = changeOf(customerId);
  const record = { ...emptyRecord({ deliveryId, index, source }), ...describe(change), ...news };
  return { record, change };
}

export const smallRequest = (body = '{}'): PackedRequest =>
  packRequest({ headers: new Headers(), body: Buffer.from(body) });
