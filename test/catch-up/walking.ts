import type { JobStates } from '../../src/catch-up/job-states.ts';
import type { WalkContext } from '../../src/catch-up/make-walk.ts';
import type { JobState } from '../../src/catch-up/walk.ts';
import type { Source } from '../../src/config/source.ts';
import { createDelivery } from '../../src/delivery/delivery.ts';
import type { CallResult, DirectScale } from '../../src/directscale/client.ts';
import type { CustomerPatch } from '../../src/domain/customer-patch.ts';
import { SecretMissing } from '../../src/secrets/secret-store.ts';
import { canonical } from '../../src/sources/canonical/canonical.ts';
import type { ChangesSince, PageOfChanges, Window } from '../../src/sources/changes-since.ts';
import { Memory, memoryStores } from '../delivery/model/memory-stores.ts';
import { crm } from '../delivery/relay-in-memory.ts';

export const noon = Date.parse('2026-11-23T12:00:00.000Z');
export const minutes = (count: number): number => count * 60_000;
export const iso = (time: number): string => new Date(time).toISOString();

/** A customer of the vendor: who, her name, when she changed. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly changedAt?: number;
}

/** Job states in memory. */
export function memoryJobStates(): JobStates {
  const rows = new Map<string, { state: JobState; etag: string }>();
  let version = 0;
  return {
    async read(source, job) {
      return structuredClone(rows.get(`${source} ${job}`)) ?? { state: { leasedUntil: 0 } };
    },
    async write(source, job, state, etag) {
      if (rows.get(`${source} ${job}`)?.etag !== etag) return undefined;
      const written = { state: structuredClone(state), etag: String(++version) };
      rows.set(`${source} ${job}`, written);
      return written.etag;
    },
    writeGuard: async () => undefined,
    standing: async () => ({ guards: [], catchUps: new Map() }),
  };
}

/** The real walk on stores in memory, over a vendor whose pages hold two people, in the order of their ids. */
export function setUp(reader: Partial<ChangesSince<unknown>> = {}) {
  const memory = new Memory();
  let now = noon;
  const stores = memoryStores(
    memory,
    () => now,
    async (effect) => effect(),
  );
  const people: Person[] = [];
  const windows: Window[] = [];
  const answers: Exclude<PageOfChanges, { type: 'page' }>[] = [];
  const patches: [customerId: string, CustomerPatch][] = [];
  const results: CallResult[] = [];
  const secretsMissing: string[] = [];
  let onPatch = () => {};
  const reads: string[] = [];
  let onRead = () => {};
  /** What DirectScale says of everybody. */
  const held: Record<string, string> = {};

  async function read(window: Window): Promise<PageOfChanges> {
    windows.push(window);
    const answer = answers.shift();
    if (answer) return answer;
    const from = typeof window.at === 'number' ? window.at : 0;
    const asked = people.filter(
      ({ changedAt = 0 }) =>
        changedAt >= (window.since?.getTime() ?? 0) && changedAt <= window.until.getTime(),
    );
    return {
      type: 'page',
      customers: asked.slice(from, from + 2).map(({ id, name, changedAt }) => ({
        recordId: String(id),
        ...(changedAt !== undefined && { changedAt: iso(changedAt) }),
        payload: {
          customer: { customerId: String(id) },
          recordId: `person-${id}@example.com`,
          ...(changedAt !== undefined && { occurredAt: iso(changedAt) }),
          fields: { FirstName: name },
        },
      })),
      ...(asked.length > from + 2 && { next: from + 2 }),
    };
  }

  const source: Source = {
    ...crm,
    kind: {
      ...canonical,
      changesSince: { lookBackMs: minutes(2), read: (window) => read(window), ...reader },
    } as Source['kind'], // the options of the canonical kind are none
    catchUp: { every: minutes(60), reconcile: true, repairSubscription: false },
  };
  const unknown = async () => ({ outcome: 'unavailable', reason: 'server-error', inDoubt: false }) as const;
  const directScale: DirectScale = {
    async getCustomer(id) {
      reads.push(id);
      onRead();
      return { outcome: 'found', customer: { CustomerId: id, ...held } };
    },
    getCustomFields: unknown,
    findCustomers: unknown,
    lastAnswer: () => undefined,
    inLane: () => directScale,
    async patchCustomer(customerId, patch) {
      onPatch();
      const result = results.shift() ?? { outcome: 'applied' as const, status: 200 };
      if (result.outcome === 'applied') patches.push([customerId, patch]);
      return result;
    },
  };
  const get = async (name: string) => {
    if (secretsMissing.includes(name)) throw new SecretMissing(`${name} is not there`);
    return 'key';
  };
  const delivery = createDelivery(
    stores,
    {
      settings: {
        RETRY_SCHEDULE: [5000, 30_000],
        DIRECTSCALE_KEY_SECRET: 'key',
        DIRECTSCALE_TIMEOUT_MS: 10_000,
        DIRECTSCALE_SETTLE_MS: 0,
        CUSTOMER_WRITES_PER_MINUTE: 1000,
      },
      secrets: { get, refresh: get, report: () => [] },
      directScale,
      sources: new Map([['crm', source]]),
    },
    {
      now: () => now,
      delay: async (ms) => {
        now += ms;
      },
      random: () => 0,
    },
  );
  const context: WalkContext = { states: memoryJobStates(), delivery, onRecorded: () => undefined };
  return {
    source,
    context,
    memory,
    people,
    windows,
    answers,
    patches,
    results,
    secretsMissing,
    now: () => now,
    pass(ms: number) {
      now += ms;
    },
    whenPatching(act: () => void) {
      onPatch = act;
    },
    held,
    reads,
    whenReading(act: () => void) {
      onRead = act;
    },
    records: () => [...memory.records.values()].map(({ record }) => record),
  };
}
