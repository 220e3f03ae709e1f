import type { DirectScale } from '../directscale/client.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { Settings } from '../settings.ts';
import { apply } from './apply.ts';
import type { AttemptContext } from './attempt.ts';
import { createTurns } from './in-turn.ts';
import { createPause } from './pause.ts';
import type { Source } from './source.ts';
import { openStores } from './stores.ts';
import { valueHasher } from './value-hash.ts';

/** Everything that applying changes needs, ready to be used. */
export type DeliveryContext = AttemptContext;

interface Parts {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly directScale: DirectScale;
  readonly sources: ReadonlyMap<string, Source>;
}

/** An attempt makes four calls at most: custom fields and PATCH, each once more with a fresh key. */
const callsPerAttempt = 4;
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
  const pause = createPause((state) => {
    // For health only: a report that cannot be written must not hold up a change.
    stores.pauses.write(state).catch(() => undefined);
  });
  return {
    stores,
    schedule: settings.RETRY_SCHEDULE,
    now: () => new Date(),
    holdMs: 0,
    sources,
    secrets,
    fetchTimeoutMs: settings.DIRECTSCALE_TIMEOUT_MS,
    async apply(change, receipt) {
      const hashOf = valueHasher(await secrets.get(settings.DIRECTSCALE_KEY_SECRET));
      return inTurn(change.customer.customerId, () =>
        apply(change, receipt, {
          states: stores.states,
          directScale,
          pause,
          hashOf,
          leaseMs: callsPerAttempt * settings.DIRECTSCALE_TIMEOUT_MS + leaseMarginMs,
          settleMs: settings.DIRECTSCALE_SETTLE_MS,
          now: Date.now,
        }),
      );
    },
  };
}
