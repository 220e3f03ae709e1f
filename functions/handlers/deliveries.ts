import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { findChanges } from '../../src/delivery/operate/find-changes.ts';
import { forgetCustomer } from '../../src/delivery/operate/forget.ts';
import { replay } from '../../src/delivery/operate/replay.ts';
import { replayAll } from '../../src/delivery/operate/replay-all.ts';
import { isDeliveryId, receivedAtOf } from '../../src/delivery/record/delivery-id.ts';
import { unpackRequest } from '../../src/delivery/record/packed-request.ts';
import type { DeliveryRecord } from '../../src/delivery/record/record.ts';
import type { Tables } from '../../src/delivery/store/stores.ts';
import { addressedReferenceSchema } from '../../src/domain/customer-reference.ts';
import { changeFilterOf } from '../../src/http/change-filter.ts';
import { deliveryLocation } from '../../src/http/delivery-location.ts';
import { noteAct } from '../../src/http/operator.ts';
import { json, problem } from '../../src/http/problem.ts';
import { deliveryReport, listedChange, secondsToAsk } from '../../src/http/reports.ts';
import { validated } from '../../src/http/validated.ts';
import { getRelay } from '../../src/relay.ts';

export async function listDeliveries(request: HttpRequest): Promise<HttpResponseInit> {
  const { filter, limit, from } = changeFilterOf(request);
  const tables = await (await getRelay()).tables();
  const { records, next } = await findChanges(filter, limit, from, tables);
  return json(200, { changes: records.map(listedChange), ...(next && { next }) });
}

export async function replayDelivery(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const { stores, now } = await relay.delivery();
  const { deliveryId = '' } = request.params;
  if (!isDeliveryId(deliveryId)) return unknownDelivery();
  const replayed = await replay(deliveryId, relay.sources, stores, now());
  if (replayed.type === 'unknown') return unknownDelivery();
  if (replayed.type !== 'nothing-to-replay') {
    await noteAct(request, 'replay', `delivery ${deliveryId}`, stores.acts);
    return showDelivery(request);
  }
  return problem('nothing-to-replay', {
    detail:
      'Nothing is kept of it that could be sent: it was ignored, or its source is gone from relay.json.',
  });
}

export async function replayDeliveries(request: HttpRequest): Promise<HttpResponseInit> {
  const { filter, from, isDryRun } = changeFilterOf(request);
  const relay = await getRelay();
  const { stores } = await relay.delivery();
  const status = filter.status ?? (filter.isLeftOut ? undefined : 'parked');
  if (!isDryRun) await noteAct(request, 'replay', `changes that match ${queryOf(request)}`, stores.acts);
  return json(200, await replayAll({ ...filter, status }, { from, isDryRun }, relay.sources, stores));
}

export async function forget(request: HttpRequest): Promise<HttpResponseInit> {
  const { customerId } = validated(addressedReferenceSchema, { customerId: request.params.customerId });
  const { stores, now } = await (await getRelay()).delivery();
  await noteAct(request, 'forget', `customer ${customerId}`, stores.acts);
  return json(200, { deletedRecords: await forgetCustomer(customerId, stores, now()) });
}

export async function showDelivery(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const { deliveryId = '' } = request.params;
  if (!isDeliveryId(deliveryId)) return unknownDelivery();
  const tables = await relay.tables();
  const now = new Date();
  const location = deliveryLocation(request, deliveryId, relay.settings.PUBLIC_URL);
  const found = await recordsOf(deliveryId, tables);
  if (found === 'in the queue' && receivedAtOf(deliveryId).getTime() > now.getTime() - longestQueuedMs)
    return json(202, { deliveryId, status: 'pending' }, { Location: location, 'Retry-After': '2' });
  if (typeof found === 'string') return unknownDelivery();

  const report = deliveryReport(found);
  const body =
    request.query.get('body') === 'true' ? await bodyOf(report.deliveryId, request, tables) : undefined;
  const answer = { ...report, ...(body !== undefined && { body }) };
  if (report.status !== 'pending') return json(200, answer);
  return json(202, answer, { Location: location, 'Retry-After': String(secondsToAsk(found, now)) });
}

/** The body of a delivery, while it is kept. That somebody asked is noted first: it holds personal data. */
async function bodyOf(
  deliveryId: string,
  request: HttpRequest,
  { records, acts }: Tables,
): Promise<string | undefined> {
  await noteAct(request, 'show-values', `delivery ${deliveryId}`, acts);
  const packed = await records.request(deliveryId);
  return packed && Buffer.from(unpackRequest(packed).body).toString('utf8');
}

/** What a caller asked for, without its key. */
function queryOf({ query }: HttpRequest): string {
  const asked = [...query].filter(([name]) => name !== 'code' && name !== 'from');
  return asked.length > 0 ? asked.map(([name, value]) => `${name}=${value}`).join(' ') : 'status=parked';
}

/** A delivery that nobody has read after so long is none. */
const longestQueuedMs = 24 * 3_600_000;

/** The records of a delivery; those of the first one if it is a repeat. */
async function recordsOf(
  deliveryId: string,
  { records, seen }: Tables,
): Promise<readonly DeliveryRecord[] | 'in the queue' | 'gone'> {
  const ofDelivery = async (id: string) => (await records.ofDelivery(id)).map(({ record }) => record);
  const found = await ofDelivery(deliveryId);
  if (found.length > 0) return found;
  const claim = await seen.claimOf(deliveryId);
  if (!claim) return 'in the queue';
  if (claim.isForgotten) return 'gone';
  if (claim.deliveryId === deliveryId) return 'in the queue';
  const first = await ofDelivery(claim.deliveryId);
  return first.length > 0 ? first : 'in the queue';
}

function unknownDelivery(): HttpResponseInit {
  return problem('unknown-delivery', {
    detail: 'No delivery has this id, or it is older than RETENTION_DAYS and deleted.',
  });
}
