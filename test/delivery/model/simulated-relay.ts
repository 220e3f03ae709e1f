import { deliver } from '../../../src/delivery/attempt/deliver.ts';
import { parkPoison } from '../../../src/delivery/attempt/park.ts';
import { createDelivery } from '../../../src/delivery/delivery.ts';
import { replay } from '../../../src/delivery/operate/replay.ts';
import { createTake } from '../../../src/delivery/take/take.ts';
import type { CallResult, DirectScale } from '../../../src/directscale/client.ts';
import type { CustomerPatch } from '../../../src/domain/customer-patch.ts';
import { parseSchedule } from '../../../src/lib/retry-schedule.ts';
import { canonical } from '../../../src/sources/canonical/canonical.ts';
import { keptBefore } from '../../../src/sources/kept-request.ts';
import { Memory, memoryStores, type QueuedMessage } from './memory-stores.ts';
import { Instance, Simulation } from './simulation.ts';

/** What happens to a PATCH. */
export type Fate =
  | 'applied'
  /** 500, before or after it took effect. */
  | 'failed'
  | 'failed after all'
  /** No answer within the deadline: it took effect, did not, or does later, before the settling time is over. */
  | 'lost after all'
  | 'lost'
  | 'late'
  | 'throttled'
  /** The process stands still right before the call, for longer than a lease. */
  | 'stands still before it'
  /** The process stands still with the call in its socket, for longer than a lease: it goes out when it goes on. */
  | 'stuck in the socket';

export const timeoutMs = 10_000;
const settleMs = 30_000;
/** The customer that is written to all the time. */
export const traffic = '9';
const lockMs = 30_000;
const longerThanALease = 120_000;
const messagesAtATime = 4;
const maxDequeued = 5;
const retries = ['5 s', '30 s', '2 min', '10 min', '30 min', ...Array<string>(31).fill('1 h')];

/** A write that took effect in DirectScale. */
export interface Effect {
  readonly customerId: string;
  readonly patch: CustomerPatch;
}

/** Two instances of the relay on one storage and one DirectScale, under a virtual clock; the code is the real one. */
export class SimulatedRelay {
  readonly simulation: Simulation;
  readonly memory = new Memory();
  readonly held = new Map<string, Record<string, unknown>>();
  readonly effects: Effect[] = [];
  /** What happens to the next PATCHes; then they are applied. */
  readonly fates: Fate[] = [];
  readonly instances: Instance[] = [];
  #sent = 0;
  #failures = 0;
  #hasTraffic = false;

  constructor(seed: number) {
    this.simulation = new Simulation(seed);
    this.#start(0);
    this.#start(1);
  }

  /** Sends a webhook until one instance has taken it, as its sender would. */
  async send(id: string, body: unknown): Promise<void> {
    const simulation = this.simulation;
    const taking = new Instance(simulation);
    const { queue } = memoryStores(
      this.memory,
      () => simulation.now,
      (effect) => taking.call(effect),
    );
    const take = createTake(
      async () => queue,
      async () => undefined,
    );
    const headers = new Headers({ 'webhook-id': id });
    const request = keptBefore({ headers, body: Buffer.from(JSON.stringify(body)) });
    const senderId = canonical.read(request, {}).id;
    this.#sent++;
    void take({ source: 'crm', senderId, request, receivedAt: new Date(simulation.now) });
    // Two deliveries of the same millisecond have the same time of receipt.
    if (this.#sent % 3 === 0) await simulation.pass(1);
  }

  /**
   * From now on, while anything is pending, another customer is written to, every five seconds at first, then less often: so it
   * is known that DirectScale works.
   */
  async startTraffic(): Promise<void> {
    this.#hasTraffic = true;
    for (let number = 0; ; number++) {
      const occurredAt = new Date(this.simulation.now).toISOString();
      const change = { customer: { customerId: traffic }, occurredAt, fields: { FirstName: `${number}` } };
      if (this.#hasTraffic) await this.send(`traffic-${number}`, change);
      await this.simulation.sleep(Math.min(5000 * 1.03 ** number, 600_000));
    }
  }

  /** What happens to the next calls, unless a change might run out of attempts by it: then it is parked, as it should be. */
  happenToNext(next: readonly Fate[]): void {
    this.#failures += next.length;
    if (this.#failures <= retries.length) this.fates.push(...next);
  }

  /** Kills an instance; another one takes its place. */
  crash(index: number): void {
    this.instances[index]?.die();
    this.#start(index);
  }

  async replay(deliveryId: string): Promise<void> {
    const { simulation, memory } = this;
    const operator = new Instance(simulation);
    const stores = memoryStores(
      memory,
      () => simulation.now,
      (effect) => operator.call(effect),
    );
    void replay(deliveryId, sources, stores, new Date(simulation.now));
    await simulation.pass(1000);
  }

  /** Lets time pass until nothing is in the queue. Throws if that takes longer than a week. */
  async settle(): Promise<void> {
    const end = this.simulation.now + 7 * 24 * 3_600_000;
    do {
      if (this.simulation.now > end) throw new Error('the queue does not get empty');
      // Longer than anything stands still.
      await this.simulation.pass(300_000);
      const records = [...this.memory.records.values()];
      this.#hasTraffic &&= records.some(({ record }) => record.status === 'pending');
    } while (this.memory.messages.length > 0);
  }

  #start(index: number): void {
    const instance = new Instance(this.simulation);
    this.instances[index] = instance;
    const { simulation } = this;
    const stores = memoryStores(
      this.memory,
      () => simulation.now,
      (effect) => instance.call(effect),
    );
    const context = createDelivery(
      stores,
      {
        settings: {
          RETRY_SCHEDULE: parseSchedule(retries.join(', ')) ?? [],
          DIRECTSCALE_KEY_SECRET: 'key',
          DIRECTSCALE_TIMEOUT_MS: timeoutMs,
          DIRECTSCALE_SETTLE_MS: settleMs,
          CUSTOMER_WRITES_PER_MINUTE: 1000,
        },
        secrets: { get: async () => 'key', refresh: async () => 'key', report: () => [] },
        directScale: this.#directScale(instance),
        sources,
      },
      { now: () => simulation.now, delay: (ms) => instance.delay(ms), random: simulation.random },
    );
    for (let worker = 0; worker < messagesAtATime; worker++) void this.#poll(instance, context);
  }

  /** Works off the queue as the Functions host does. */
  async #poll(instance: Instance, context: ReturnType<typeof createDelivery>): Promise<void> {
    const { simulation, memory } = this;
    for (;;) {
      const message = await instance.call(() => takeMessage(memory, simulation.now));
      if (!message) {
        await instance.delay(500);
        continue;
      }
      const { receipt } = message;
      let isDone = false;
      void this.#renew(instance, message, receipt, () => isDone);
      const work =
        message.dequeued > maxDequeued
          ? parkPoison(message.content, context)
          : deliver(message.content, context, () => undefined);
      const succeeded = await work.then(
        () => true,
        () => false,
      );
      isDone = true;
      await instance.call(() => {
        if (message.receipt !== receipt) return;
        if (succeeded) memory.messages = memory.messages.filter((other) => other !== message);
        else message.visibleAt = simulation.now + lockMs;
      });
    }
  }

  async #renew(instance: Instance, message: QueuedMessage, receipt: number, isDone: () => boolean) {
    for (;;) {
      await instance.delay(lockMs / 2);
      if (isDone() || message.receipt !== receipt) return;
      message.visibleAt = this.simulation.now + lockMs;
    }
  }

  #directScale(instance: Instance): DirectScale {
    const held = (id: string) => this.held.get(id) ?? {};
    const client: DirectScale = {
      inLane: () => client,
      lastAnswer: () => undefined,
      getCustomer: (id) =>
        instance.call(() => ({ outcome: 'found', customer: { CustomerId: id, ...held(id) } }), 200),
      getCustomFields: () => instance.call(() => ({ outcome: 'found', fields: {} }), 200),
      findCustomers: () => instance.call(() => ({ outcome: 'found', customers: [] }), 200),
      patchCustomer: async (customerId, patch, mayBegin = () => true) => {
        const fate = this.fates.shift() ?? 'applied';
        if (fate === 'stands still before it') instance.freeze(longerThanALease);
        await instance.awake();
        if (!mayBegin()) return { outcome: 'not-begun' };
        const refusal = refusalOf(patch);
        const takeEffect = () => {
          if (refusal) return;
          this.effects.push({ customerId, patch });
          this.held.set(customerId, { ...held(customerId), ...patch });
        };
        if (fate === 'stuck in the socket') {
          instance.freeze(longerThanALease);
          await instance.awake();
        }
        return instance
          .call(() => this.#answer(fate, takeEffect, refusal), 1000)
          .then(async (answer) => {
            if (answer.outcome === 'unavailable' && answer.reason === 'timeout')
              await instance.delay(timeoutMs);
            return answer;
          });
      },
    };
    return client;
  }

  #answer(fate: Fate, takeEffect: () => void, refusal: CallResult | undefined): CallResult {
    const failed = { outcome: 'unavailable', inDoubt: true } as const;
    switch (fate) {
      case 'applied':
      case 'stands still before it':
      case 'stuck in the socket':
        takeEffect();
        return refusal ?? { outcome: 'applied', status: 200 };
      case 'failed':
        return { ...failed, reason: 'server-error', status: 500 };
      case 'failed after all':
        takeEffect();
        return { ...failed, reason: 'server-error', status: 500 };
      case 'lost after all':
        takeEffect();
        return { ...failed, reason: 'timeout' };
      case 'lost':
        return { ...failed, reason: 'timeout' };
      case 'late':
        void this.simulation.sleep(timeoutMs + this.simulation.random() * (settleMs - 2000)).then(takeEffect);
        return { ...failed, reason: 'timeout' };
      case 'throttled':
        return {
          outcome: 'unavailable',
          reason: 'throttled',
          status: 429,
          retryAfterMs: 3000,
          inDoubt: false,
        };
    }
  }
}

/** How DirectScale answers a patch of which it does not take a value; undefined: it takes all of them. */
function refusalOf(patch: CustomerPatch): CallResult | undefined {
  const values = Object.values(patch).map(String);
  if (values.some((value) => value.startsWith('refused'))) return { outcome: 'rejected', status: 400 };
  if (!values.some((value) => value.startsWith('failing'))) return undefined;
  return { outcome: 'unavailable', reason: 'server-error', status: 500, inDoubt: true };
}

function takeMessage(memory: Memory, now: number): QueuedMessage | undefined {
  const message = memory.messages.find(({ visibleAt }) => visibleAt <= now);
  if (!message) return undefined;
  message.visibleAt = now + lockMs;
  message.dequeued++;
  message.receipt++;
  return message;
}

const sources = new Map([
  [
    'crm',
    {
      name: 'crm',
      // Changes may have no time of their own: here, none is signed.
      kind: { ...canonical, signsTime: () => false },
      options: {},
      secretNames: [],
      mode: 'queued' as const,
      isStrict: false,
      forbidden: new Set<string>(),
      lookUp: new Set<never>(),
      ignoreChangedBy: new Set<string>(),
    },
  ],
]);
