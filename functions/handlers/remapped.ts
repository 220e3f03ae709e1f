import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { remap } from '../../src/delivery/operate/remap.ts';
import { isDeliveryId } from '../../src/delivery/record/delivery-id.ts';
import { noteAct } from '../../src/http/operator.ts';
import { json, ProblemError, problem } from '../../src/http/problem.ts';
import { MappingUnusable } from '../../src/mapping/mapping-unusable.ts';
import { getRelay } from '../../src/relay.ts';

export async function showRemapped(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const tables = await relay.tables();
  const { deliveryId = '' } = request.params;
  const withValues = request.query.get('values') === 'true';
  const remapped = isDeliveryId(deliveryId)
    ? await remap(deliveryId, relay.sources, tables).catch(unlessUsable)
    : 'unknown';
  if (remapped === 'unknown')
    return problem('unknown-delivery', {
      detail: 'No delivery has this id, or it is older than RETENTION_DAYS and deleted.',
    });
  if (remapped === 'nothing-to-map')
    return problem('nothing-to-replay', {
      detail: 'No request is kept of it that a mapping could read, or its source is gone from relay.json.',
    });
  if (withValues) await noteAct(request, 'show-values', `delivery ${deliveryId}`, tables.acts);
  const changes = remapped.changes.map(({ values, ...change }) =>
    withValues ? { ...change, values } : change,
  );
  return json(200, { deliveryId, ...remapped, changes });
}

function unlessUsable(error: unknown): never {
  if (!(error instanceof MappingUnusable)) throw error;
  const detail = `The mapping of today cannot be used: ${error.message}.`;
  throw new ProblemError('configuration-incomplete', { detail }, { cause: error });
}
