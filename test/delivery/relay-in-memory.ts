import type { Source } from '../../src/config/source.ts';
import type { AttemptContext, Patience } from '../../src/delivery/attempt/attempt-change.ts';
import { deliver } from '../../src/delivery/attempt/deliver.ts';
import { deliverTaken } from '../../src/delivery/attempt/deliver-taken.ts';
import { createDelivery } from '../../src/delivery/delivery.ts';
import type { Message, Taken } from '../../src/delivery/record/message.ts';
import type { DeliveryRecord } from '../../src/delivery/record/record.ts';
import type { Stores } from '../../src/delivery/store/stores.ts';
import { createTake } from '../../src/delivery/take/take.ts';
import type { CallResult, DirectScale } from '../../src/directscale/client.ts';
import type { CustomerPatch } from '../../src/domain/customer-patch.ts';
import { canonical } from '../../src/sources/canonical/canonical.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { Memory, memoryStores } from './model/memory-stores.ts';

export const noon = Date.parse('2026-11-23T12:00:00.000Z');
/** Waits for nothing. */
export const patience: Patience = { ms: 0, with: 'every hold' };

export const crm: Source = {
  name: 'crm',
  kind: canonical,
  options: {},
  secretNames: [],
  mode: 'queued',
  isStrict: false,
  forbidden: new Set(),
  lookUp: new Set(),
  ignoreChangedBy: new Set(),
};

export const changeOf = (customerId: string, fields: object = { FirstName: 'Anna' }) => ({
  customer: { customerId },
  occurredAt: '2026-11-23T11:00:00.000Z',
  fields,
});

/** The real delivery on stores in memory, with a DirectScale that answers as told; then it applies. */
export function setUp() {
  const memory = new Memory();
  let now = noon;
  const stores = memoryStores(
    memory,
    () => now,
    async (effect) => effect(),
  );
  const calls: [customerId: string, CustomerPatch][] = [];
  const answers: CallResult[] = [];
  const sources = new Map([['crm', crm]]);
  const unknown = async () => ({ outcome: 'unavailable', reason: 'server-error', inDoubt: false }) as const;
  const directScale: DirectScale = {
    inLane: () => directScale,
    getCustomer: async (id) => ({ outcome: 'found', customer: { CustomerId: id } }),
    getCustomFields: unknown,
    findCustomers: unknown,
    lastAnswer: () => undefined,
    async patchCustomer(customerId, patch) {
      calls.push([customerId, patch]);
      return answers.shift() ?? { outcome: 'applied', status: 200 };
    },
  };
  const contextOn = (over: Stores): AttemptContext =>
    createDelivery(
      over,
      {
        settings: {
          RETRY_SCHEDULE: [5000, 30_000],
          DIRECTSCALE_KEY_SECRET: 'key',
          DIRECTSCALE_TIMEOUT_MS: 10_000,
          DIRECTSCALE_SETTLE_MS: 0,
          CUSTOMER_WRITES_PER_MINUTE: 1000,
        },
        secrets: { get: async () => 'key', refresh: async () => 'key', report: () => [] },
        directScale,
        sources,
      },
      { now: () => now, delay: async () => undefined, random: () => 0 },
    );
  const context = contextOn(stores);
  const take = createTake(
    async () => stores.queue,
    (id, request) => stores.records.keepRequest(id, request),
  );
  return {
    memory,
    stores,
    context,
    contextOn,
    sources,
    calls,
    answers,
    pass: (ms: number) => {
      now += ms;
    },
    /** Takes a delivery, and takes its message out of the queue again. */
    async taken(body: unknown, id = 'msg-1', padding = ''): Promise<Taken> {
      const headers = new Headers({ 'webhook-id': id });
      const request = keptBefore({ headers, body: Buffer.from(JSON.stringify(body) + padding) });
      const arrival = { source: 'crm', senderId: id, request, receivedAt: new Date(now) };
      const taking = await take(arrival);
      memory.messages = [];
      return taking;
    },
    delivered: (taking: Taken, on = context) => deliverTaken(taking, patience, on, () => undefined),
    records: (): DeliveryRecord[] => [...memory.records.values()].map(({ record }) => record),
    messages: (): Message[] => memory.messages.map(({ content }) => content),
    /** Works off the queue, the future included, until nothing is in it. */
    async workOff(): Promise<void> {
      for (let message = memory.messages.shift(); message; message = memory.messages.shift()) {
        now = Math.max(now, message.visibleAt);
        await deliver(message.content, context, () => undefined);
      }
    },
  };
}
