import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Settings } from '../config/settings.ts';
import type { Source } from '../config/source.ts';
import type { Lane } from '../directscale/budget.ts';
import { createCircuitBreaker } from '../directscale/circuit-breaker.ts';
import type { DirectScale } from '../directscale/client.ts';
import { cachedFor } from '../lib/cached-for.ts';
import { createTurns } from '../lib/in-turn.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { span } from '../telemetry/telemetry.ts';
import type { AttemptContext, LookContext } from './attempt/attempt-change.ts';
import { apply } from './customer/apply.ts';
import { compare } from './customer/compare.ts';
import { compareWritten } from './customer/compare-written.ts';
import { findCustomer } from './customer/find-customer.ts';
import { foresee } from './customer/foresee.ts';
import { refreshLinks } from './customer/refresh-links.ts';
import { heldBy, pauseOf } from './record/hand-pause.ts';
import { type HashOf, valueHasher } from './record/value-hash.ts';
import type { Stores } from './store/stores.ts';

interface Parts {
  readonly settings: Pick<
    Settings,
    | 'RETRY_SCHEDULE'
    | 'DIRECTSCALE_KEY_SECRET'
    | 'DIRECTSCALE_TIMEOUT_MS'
    | 'DIRECTSCALE_SETTLE_MS'
    | 'CUSTOMER_WRITES_PER_MINUTE'
    | 'DIRECTSCALE_CALLS_AT_A_TIME'
    | 'DIRECTSCALE_CALLS_PER_SECOND'
  >;
  readonly secrets: Secrets;
  readonly directScale: DirectScale;
  readonly sources: ReadonlyMap<string, Source>;
}

/** Under a lease one PATCH, and once more with a fresh key that is read from the vault in between (3 s at most). */
const callsPerLease = 2;
const leaseMarginMs = 5000;

/**
 * What operators pause and resume, and what other instances see of an outage, takes effect within this; so seldom it is read,
 * however many changes there are.
 */
const pausesMs = 5000;

/** How time passes, and what is left to chance: tests bring their own. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly delay: AttemptContext['delay'];
  readonly random: AttemptContext['random'];
}

/** Puts together what attempts at changes need. */
export function createDelivery(
  stores: Stores,
  { settings, secrets, directScale, sources }: Parts,
  surroundings: Surroundings = { now: Date.now, delay, random: Math.random },
): LookContext {
  const inTurn = createTurns();
  const circuitBreaker = createCircuitBreaker((state) => {
    // For health and the other instances. A report that cannot be written must not hold up a change.
    stores.pauses.reportCircuit(state).catch(() => undefined);
  }, surroundings.now);
  const hasher = hasherOf(() => secrets.get(settings.DIRECTSCALE_KEY_SECRET));
  const now = () => new Date(surroundings.now());
  const pausesByHand = cachedFor(pausesMs, surroundings.now, async () => {
    const { byHand, circuit } = await stores.pauses.read(now());
    if (circuit) circuitBreaker.hear(circuit);
    return byHand;
  });
  const attemptsOf = laneLimits(settings);
  /** For dry runs and comparisons. */
  const background = directScale.inLane('catch-up');
  const heldByHand = async (subjects: readonly string[]) => {
    const pause = pauseOf(await pausesByHand(), subjects, surroundings.now());
    return pause && heldBy(pause, surroundings.now());
  };
  return {
    stores,
    schedule: settings.RETRY_SCHEDULE,
    now,
    delay: surroundings.delay,
    random: surroundings.random,
    sources,
    secrets,
    fetchTimeoutMs: settings.DIRECTSCALE_TIMEOUT_MS,
    heldByHand,
    async refreshLinks(references) {
      return refreshLinks(references, { links: stores.links, hashOf: await hasher(), now });
    },
    async find(sought, lane) {
      const { source, recordId } = sought;
      const hashOf = await hasher();
      const allowed = sources.get(source)?.lookUp ?? new Set();
      const client = directScale.inLane(lane);
      const context = { links: stores.links, directScale: client, circuitBreaker, hashOf, now };
      const find = () =>
        attemptsOf(lane)(() => span('find customer', {}, () => findCustomer(sought, allowed, context)));
      // One look-up serves all changes of a record that come together.
      return recordId === undefined ? find() : inTurn(`${source} ${recordId}`, find);
    },
    async findOnly(sought) {
      const allowed = sources.get(sought.source)?.lookUp ?? new Set();
      const links = { ...stores.links, set: async () => ({ written: 0, unchanged: 0 }) };
      return findCustomer(sought, allowed, {
        links,
        directScale: background,
        circuitBreaker,
        hashOf: await hasher(),
        now,
      });
    },
    async foresee(subject) {
      return foresee(subject, {
        states: stores.states,
        directScale: background,
        circuitBreaker,
        hashOf: await hasher(),
      });
    },
    async compare(subject) {
      return compare(subject, {
        states: stores.states,
        directScale: background,
        circuitBreaker,
        hashOf: await hasher(),
      });
    },
    async compareWritten(customerId) {
      const hashOf = await hasher();
      return compareWritten(customerId, {
        states: stores.states,
        directScale: background,
        circuitBreaker,
        hashOf,
      });
    },
    async apply(subject, lane) {
      const held = await heldByHand([`customer:${subject.change.customer.customerId}`]);
      if (held) return held;
      const hashOf = await hasher();
      const attempt = () =>
        apply(subject, {
          states: stores.states,
          directScale: directScale.inLane(lane),
          circuitBreaker,
          hashOf,
          callMs: settings.DIRECTSCALE_TIMEOUT_MS,
          leaseMs:
            callsPerLease * settings.DIRECTSCALE_TIMEOUT_MS + settings.DIRECTSCALE_SETTLE_MS + leaseMarginMs,
          settleMs: settings.DIRECTSCALE_SETTLE_MS,
          writesPerMinute: settings.CUSTOMER_WRITES_PER_MINUTE,
          onCustomerPaused(customerId, pausedUntil) {
            stores.customerPauses.put(customerId, new Date(pausedUntil)).catch(() => undefined);
          },
          now: surroundings.now,
        });
      return inTurn(subject.change.customer.customerId, () => attemptsOf(lane)(attempt));
    },
  };
}

/**
 * With a budget, only about as many attempts of a lane as can make their calls within a second: those that hold a customer's
 * lease must not wait long for their turn. A direct call is never held up here.
 */
function laneLimits({
  DIRECTSCALE_CALLS_PER_SECOND: perSecond,
  DIRECTSCALE_CALLS_AT_A_TIME: atATime,
}: Parts['settings']): (lane: Lane) => <Result>(work: () => Promise<Result>) => Promise<Result> {
  const atOnce = perSecond ?? atATime;
  if (atOnce === undefined) return () => (work) => work();
  const limits = new Map<Lane, LimitFunction>([
    ['live', pLimit(Math.max(1, Math.ceil(atOnce)))],
    ['catch-up', pLimit(Math.max(1, Math.ceil(atOnce)))],
  ]);
  return (lane) => (work) => limits.get(lane)?.(work) ?? work();
}

/** The hash function of the key that holds now: made anew only when the key changes. */
function hasherOf(currentKey: () => Promise<string>): () => Promise<HashOf> {
  let made: { readonly key: string; readonly hashOf: HashOf } | undefined;
  return async () => {
    const key = await currentKey();
    if (made?.key !== key) made = { key, hashOf: valueHasher(key) };
    return made.hashOf;
  };
}
