import { directSource } from '../../config/source.ts';
import type { Lane } from '../../directscale/budget.ts';
import type { DeliveryRecord } from './record.ts';

/** How urgent the calls for a change are. */
export function laneOf({
  source,
  foundBy,
  replayedAt,
}: Pick<DeliveryRecord, 'source' | 'foundBy' | 'replayedAt'>): Lane {
  if (source === directSource) return 'direct';
  return foundBy || replayedAt ? 'catch-up' : 'live';
}
