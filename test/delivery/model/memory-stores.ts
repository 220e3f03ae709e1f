import type { Act } from '../../../src/delivery/record/act.ts';
import { hashInId } from '../../../src/delivery/record/delivery-id.ts';
import type { HandPause } from '../../../src/delivery/record/hand-pause.ts';
import {
  type ChangeMessage,
  type Message,
  readMessage,
  type Taken,
} from '../../../src/delivery/record/message.ts';
import type { PackedRequest } from '../../../src/delivery/record/packed-request.ts';
import type { StoredChange } from '../../../src/delivery/record/record.ts';
import type { RecordReference } from '../../../src/delivery/record/record-filter.ts';
import { noWrites } from '../../../src/delivery/record/write-limit.ts';
import type { CustomerState } from '../../../src/delivery/store/customer-states.ts';
import type { Link } from '../../../src/delivery/store/links.ts';
import type { NotedChange } from '../../../src/delivery/store/noted-changes.ts';
import { notingRecords } from '../../../src/delivery/store/noting-records.ts';
import type { Records } from '../../../src/delivery/store/records.ts';
import type { Stores } from '../../../src/delivery/store/stores.ts';
import { withShareOf } from '../../../src/directscale/share.ts';

export interface QueuedMessage {
  readonly content: Message;
  visibleAt: number;
  dequeued: number;
  /** Changes whenever somebody takes the message: whoever holds an older one may not delete it. */
  receipt: number;
}

/** What lies in storage: shared by all instances. */
export class Memory {
  readonly customers = new Map<
    string,
    { state: CustomerState; noted: Map<string, NotedChange & { readonly etag: string }> }
  >();
  readonly records = new Map<string, StoredChange>();
  readonly requests = new Map<string, PackedRequest>();
  readonly seen = new Map<string, { deliveryId: string; isForgotten: boolean }>();
  readonly links = new Map<string, Link>();
  readonly handPauses = new Map<string, HandPause>();
  readonly acts: Act[] = [];
  /** When it was muted, by id. */
  readonly muted = new Map<string, number>();
  messages: QueuedMessage[] = [];
  #versions = 0;

  nextVersion(): string {
    return String(++this.#versions);
  }
}

const nothing: CustomerState = { fields: {}, leasedUntil: 0, writes: noWrites, forgottenAt: 0 };
const keyOf = ({ deliveryId, index }: RecordReference) => `${deliveryId}/${String(index).padStart(5, '0')}`;

/** The stores of one instance: every call goes through `call`, as one goes over the network. */
export function memoryStores(
  memory: Memory,
  now: () => number,
  call: <Result>(effect: () => Result) => Promise<Result>,
): Stores {
  const customer = (id: string) => {
    const found = memory.customers.get(id) ?? {
      state: nothing,
      noted: new Map<string, NotedChange & { etag: string }>(),
    };
    memory.customers.set(id, found);
    return found;
  };
  /** Newest first. */
  const notedOf = (id: string) =>
    [...customer(id).noted].toSorted(([a], [b]) => (a < b ? 1 : -1)).map(([, noted]) => noted);
  const setNote = (id: string, noted: NotedChange) => {
    const etag = memory.nextVersion();
    customer(id).noted.set(keyOf(noted), { ...structuredClone(noted), etag });
    return etag;
  };
  const ofDelivery = (id: string) =>
    [...memory.records.values()]
      .filter(({ record }) => record.deliveryId === id)
      .toSorted((a, b) => a.record.index - b.record.index);
  const enqueue = (content: Message, delayMs: number) =>
    memory.messages.push({ content, visibleAt: now() + delayMs, dequeued: 0, receipt: 0 });
  const states: Stores['states'] = {
    read: (id) => call(() => structuredClone(customer(id).state)),
    write: (id, state, etag, noted) =>
      call(() => {
        const row = customer(id);
        if (row.state.etag !== etag) return undefined;
        const version = memory.nextVersion();
        row.state = { ...structuredClone(state), etag: version };
        if (noted) setNote(id, noted);
        return version;
      }),
    note: (id, noted) => call(() => setNote(id, noted)),
    addCopy: (id, record, etag) =>
      call(() => {
        const { deliveryId, index } = record;
        if (customer(id).noted.get(keyOf(record))?.etag === etag) setNote(id, { deliveryId, index, record });
      }),
    unnote: (id, change) => call(() => void customer(id).noted.delete(keyOf(change))),
    changesOf: (id, before) =>
      call(() =>
        notedOf(id)
          .filter(({ deliveryId }) => before === undefined || deliveryId < before)
          .map(({ deliveryId, index }) => ({ deliveryId, index })),
      ),
    copiesOf: (id, oldest, newest) =>
      call(() =>
        notedOf(id)
          .filter((noted) => keyOf(noted) >= keyOf(oldest) && keyOf(noted) <= keyOf(newest))
          .toReversed(),
      ),
    deliveriesOf: (id) => call(() => [...new Set(notedOf(id).map(({ deliveryId }) => deliveryId))]),
    forget: (id, forgottenAt) =>
      call(() => {
        const state = { ...nothing, forgottenAt: forgottenAt.getTime(), etag: memory.nextVersion() };
        memory.customers.set(id, { state, noted: new Map() });
      }),
    removeDeliveriesBefore: () => call(() => 0),
    removeForgottenBefore: () => call(() => 0),
  };
  const records: Records = {
    create: (changes, request) =>
      call(() => {
        const id = changes[0]?.record.deliveryId ?? '';
        if (changes.some(({ record }) => memory.records.has(keyOf(record)))) return false;
        for (const change of changes)
          memory.records.set(
            keyOf(change.record),
            structuredClone({ ...change, etag: memory.nextVersion() }),
          );
        if (request) memory.requests.set(id, request);
        return true;
      }),
    read: (reference) => call(() => structuredClone(memory.records.get(keyOf(reference)))),
    update: (next, before) =>
      call(() => {
        const stored = memory.records.get(keyOf(next.record));
        if (stored?.etag !== before.etag) return false;
        const kept = next.change || next.thin !== undefined ? next : { ...stored, record: next.record };
        memory.records.set(keyOf(next.record), structuredClone({ ...kept, etag: memory.nextVersion() }));
        return true;
      }),
    ofDelivery: (id) => call(() => structuredClone(ofDelivery(id))),
    keepRequest: (id, request) => call(() => void memory.requests.set(id, request)),
    request: (id) => call(() => memory.requests.get(id)),
    removeRequest: (id) => call(() => void memory.requests.delete(id)),
    list: ({ status, since }) =>
      call(() => ({
        records: [...memory.records.values()]
          .map(({ record }) => structuredClone(record))
          .filter((record) => !status || record.status === status)
          .filter(({ receivedAt }) => !since || Date.parse(receivedAt) >= since.getTime()),
      })),
    hoursWritten: () => call(() => new Set<string>()),
    removeOf: (id, isMeant) =>
      call(() => {
        const concerned = ofDelivery(id).filter(({ record }) => isMeant(record));
        for (const { record } of concerned) memory.records.delete(keyOf(record));
        memory.requests.delete(id);
        return concerned.length;
      }),
    removeBefore: () => call(() => 0),
  };
  return {
    states,
    records: notingRecords(records, states),
    seen: {
      claim: (identity, deliveryId) =>
        call(() => {
          const claim = memory.seen.get(identity);
          if (claim) return { ...claim, isNew: false };
          memory.seen.set(identity, { deliveryId, isForgotten: false });
          return { deliveryId, isNew: true, isForgotten: false };
        }),
      claimOf: (deliveryId) =>
        call(() => {
          const found = [...memory.seen].find(([identity]) => identity.startsWith(hashInId(deliveryId)));
          return found && { ...found[1], isNew: false };
        }),
      markForgotten: (deliveryId) =>
        call(() => {
          for (const claim of memory.seen.values())
            if (claim.deliveryId === deliveryId) claim.isForgotten = true;
        }),
      removeBefore: () => call(() => 0),
    },
    links: {
      find: (source, recordId) => call(() => memory.links.get(`${source} ${recordId}`)),
      set: (links) =>
        call(() => {
          for (const link of links) memory.links.set(`${link.source} ${link.recordId}`, link);
          return { written: links.length, unchanged: 0 };
        }),
      remove: (source, recordId) => call(() => memory.links.delete(`${source} ${recordId}`)),
      forgetOf: (customerId) =>
        call(() => {
          const before = memory.links.size;
          for (const [key, link] of memory.links)
            if (link.customerId === customerId) memory.links.delete(key);
          return before - memory.links.size;
        }),
      removeForgottenBefore: () => call(() => 0),
      list: () => call(() => ({ links: [...memory.links.values()] })),
      foundBy: () => call(() => []),
    },
    pauses: {
      put: (pause) => call(() => void memory.handPauses.set(pause.subject, pause)),
      remove: (subject) => call(() => void memory.handPauses.delete(subject)),
      reportCircuit: () => call(() => undefined),
      read: () => call(() => ({ byHand: [...memory.handPauses.values()] })),
    },
    customerPauses: {
      put: () => call(() => undefined),
      remove: () => call(() => undefined),
      all: () => call(() => []),
    },
    acts: {
      note: (act) => call(() => void memory.acts.unshift(act)),
      list: () => call(() => ({ acts: [...memory.acts] })),
      removeBefore: () => call(() => 0),
    },
    summedHours: {
      since: () => call(() => []),
      put: () => call(() => undefined),
      removeBefore: () => call(() => 0),
    },
    lastRefusals: { put: () => call(() => undefined), all: () => call(() => new Map()) },
    budgetShares: {
      lease: (instance, limits, at) => call(() => withShareOf(instance, [], limits, at).mine),
    },
    mutedIssues: {
      add: (id) => call(() => void memory.muted.set(id, now())),
      remove: (id) => call(() => void memory.muted.delete(id)),
      all: () => call(() => new Set(memory.muted.keys())),
      mutedBefore: (day) =>
        call(() => [...memory.muted].flatMap(([id, at]) => (at < day.getTime() ? [id] : []))),
    },
    queue: {
      sendTaken: (deliveries: readonly Taken[], delayMs = 0) =>
        call(() => void enqueue({ deliveries: [...deliveries] }, delayMs)),
      send: (message: ChangeMessage, delayMs = 0) => call(() => void enqueue(message, delayMs)),
      putBack: (input, delayMs) =>
        call(() => {
          const message = readMessage(input);
          if (message) enqueue(message, delayMs);
        }),
      look: () => call(() => ({ waiting: memory.messages.length, poison: 0, due: [] })),
    },
  };
}
