import { createSharedWrite } from '../../lib/shared-write.ts';
import type { KeptRequest } from '../../sources/kind.ts';
import { currentTraceparent } from '../../telemetry/telemetry.ts';
import { deliveryIdentity, deliveryIdOf } from '../record/delivery-id.ts';
import type { Taken } from '../record/message.ts';
import { type PackedRequest, packRequest } from '../record/packed-request.ts';
import { type MessageQueue, messageBytes } from '../store/message-queue.ts';
import { isStorageRefusal } from '../store/storage-errors.ts';

/** A delivery of which is known that it is authentic, and how its sender names it. */
export interface Arrival {
  readonly source: string;
  /** Equal for every repeat of the delivery by its sender. */
  readonly senderId: string;
  readonly request: KeptRequest;
  readonly receivedAt: Date;
}

/** Stores the request of a delivery that is too large for the queue. */
type KeepRequest = (deliveryId: string, request: PackedRequest) => Promise<void>;

/**
 * Makes a delivery durable: when it resolves, the delivery is in the queue, whole. `hiddenMs`: nobody else sees it before
 * that. Throws what storage throws; then the sender must send again.
 */
export type Take = (arrival: Arrival, hiddenMs?: number) => Promise<Taken>;

/** So many deliveries share a message at most: one invocation works off all of them. */
const deliveriesPerMessage = 16;

/** Deliveries that arrive while a message is being written share the next one. */
export function createTake(queue: () => Promise<MessageQueue>, keepRequest: KeepRequest): Take {
  const share = createSharedWrite<Taken>(
    groupsOf,
    async (deliveries) => {
      await (await queue()).sendTaken(deliveries);
    },
    isStorageRefusal,
  );
  return async (arrival, hiddenMs = 0) => {
    const { source, senderId, receivedAt } = arrival;
    const id = deliveryIdOf(receivedAt, deliveryIdentity(source, senderId));
    const packed = packRequest(arrival.request);
    const traceparent = currentTraceparent();
    const small = {
      id,
      source,
      headers: packed.headers.map(([name, value]): [string, string] => [name, value]),
      body: Buffer.from(packed.body).toString('base64'),
      ...(traceparent && { traceparent }),
    };
    const taken = bytesOf(small) <= messageBytes ? small : await storedFirst(small, packed, keepRequest);
    if (hiddenMs > 0) await (await queue()).sendTaken([taken], hiddenMs);
    else await share(taken);
    return taken;
  };
}

async function storedFirst(
  { body: _, headers: __, ...rest }: Taken,
  packed: PackedRequest,
  keepRequest: KeepRequest,
): Promise<Taken> {
  await keepRequest(rest.id, packed);
  return { ...rest, headers: [] };
}

function bytesOf(taken: Taken): number {
  return Buffer.byteLength(JSON.stringify({ deliveries: [taken] }));
}

function groupsOf(deliveries: readonly Taken[]): Taken[][] {
  const groups: Taken[][] = [];
  let bytes = 0;
  for (const taken of deliveries) {
    const size = bytesOf(taken);
    const last = groups.at(-1);
    if (last && last.length < deliveriesPerMessage && bytes + size <= messageBytes) {
      last.push(taken);
      bytes += size;
    } else {
      groups.push([taken]);
      bytes = size;
    }
  }
  return groups;
}
