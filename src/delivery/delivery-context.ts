import type { Settings } from '../config/settings.ts';
import type { Source } from '../config/source.ts';
import { createCircuitBreaker } from '../directscale/circuit-breaker.ts';
import type { DirectScale } from '../directscale/client.ts';
import { createTurns } from '../lib/in-turn.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { span } from '../telemetry/telemetry.ts';
import type { AttemptContext } from './attempt/attempt.ts';
import { apply } from './customer/apply.ts';
import { type CustomerReferences, refreshLinks } from './customer/refresh-links.ts';
import { resolve } from './customer/resolve.ts';
import { valueHasher } from './record/value-hash.ts';
import { openStores } from './store/stores.ts';

/** Everything that applying changes needs, ready to be used. */
export interface DeliveryContext extends AttemptContext {
  /** Drops and makes links by what DirectScale says of a customer. Throws what storage and secrets throw. */
  readonly refreshLinks: (references: CustomerReferences) => Promise<string>;
}

interface Parts {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly directScale: DirectScale;
  readonly sources: ReadonlyMap<string, Source>;
}

/** Under a lease six calls at most: customer, custom fields and PATCH, each once more with a fresh key. */
const callsPerLease = 6;
const leaseMarginMs = 2000;

/**
 * Opens storage and puts together what applies changes. Throws what the storage SDK throws. Import this file at first
 * use only: it brings that SDK along.
 */
export async function openDeliveryContext(
  env: NodeJS.ProcessEnv,
  { settings, secrets, directScale, sources }: Parts,
): Promise<DeliveryContext> {
  const stores = await openStores(env);
  const inTurn = createTurns();
  const circuitBreaker = createCircuitBreaker((state) => {
    // For health only: a report that cannot be written must not hold up a change.
    stores.pauses.write(state).catch(() => undefined);
  });
  const hasher = async () => valueHasher(await secrets.get(settings.DIRECTSCALE_KEY_SECRET));
  return {
    stores,
    schedule: settings.RETRY_SCHEDULE,
    now: () => new Date(),
    holdMs: 0,
    sources,
    secrets,
    fetchTimeoutMs: settings.DIRECTSCALE_TIMEOUT_MS,
    async refreshLinks(references) {
      const hashOf = await hasher();
      return refreshLinks(references, { links: stores.links, hashOf, now: () => new Date() });
    },
    async resolve(sought) {
      const { source, recordId } = sought;
      const hashOf = await hasher();
      const allowed = sources.get(source)?.lookUp ?? new Set();
      const context = { links: stores.links, directScale, circuitBreaker, hashOf, now: () => new Date() };
      const find = () => span('find customer', {}, () => resolve(sought, allowed, context));
      // One look-up serves all changes of a record that come together.
      return recordId === undefined ? find() : inTurn(`${source} ${recordId}`, find);
    },
    async apply(change, receipt) {
      const hashOf = await hasher();
      return inTurn(change.customer.customerId, () =>
        apply(change, receipt, {
          states: stores.states,
          directScale,
          circuitBreaker,
          hashOf,
          leaseMs: callsPerLease * settings.DIRECTSCALE_TIMEOUT_MS + leaseMarginMs,
          settleMs: settings.DIRECTSCALE_SETTLE_MS,
          writesPerMinute: settings.CUSTOMER_WRITES_PER_MINUTE,
          onCustomerPaused(customerId, pausedUntil) {
            stores.pauses.writeCustomer(customerId, new Date(pausedUntil)).catch(() => undefined);
          },
          now: Date.now,
        }),
      );
    },
  };
}
