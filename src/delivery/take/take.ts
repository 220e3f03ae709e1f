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
  const share = createSharedWrite<Sized>(
    groupsOf,
    async (deliveries) => {
      await (await queue()).sendTaken(deliveries.map(({ taken }) => taken));
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
    const bytes = bytesOf(small);
    const sized =
      bytes <= messageBytes ? { taken: small, bytes } : await storedFirst(small, packed, keepRequest);
    if (hiddenMs > 0) await (await queue()).sendTaken([sized.taken], hiddenMs);
    else await share(sized);
    return sized.taken;
  };
}

async function storedFirst(
  { body: _, headers: __, ...rest }: Taken,
  packed: PackedRequest,
  keepRequest: KeepRequest,
): Promise<Sized> {
  await keepRequest(rest.id, packed);
  const taken = { ...rest, headers: [] };
  return { taken, bytes: bytesOf(taken) };
}

/** A delivery, and how many bytes a message takes that holds it alone. */
interface Sized {
  readonly taken: Taken;
  readonly bytes: number;
}

function bytesOf(taken: Taken): number {
  return Buffer.byteLength(JSON.stringify({ deliveries: [taken] }));
}

function groupsOf(deliveries: readonly Sized[]): Sized[][] {
  const groups: Sized[][] = [];
  let bytes = 0;
  for (const delivery of deliveries) {
    const last = groups.at(-1);
    if (last && last.length < deliveriesPerMessage && bytes + delivery.bytes <= messageBytes) {
      last.push(delivery);
      bytes += delivery.bytes;
    } else {
      groups.push([delivery]);
      bytes = delivery.bytes;
    }
  }
  return groups;
}
