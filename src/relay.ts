import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobStates } from './catch-up/job-states.ts';
import { readConfiguration } from './config/configuration.ts';
import { type LoadedSources, loadSources, mappingProblem } from './config/load-sources.ts';
import type { Settings } from './config/settings.ts';
import { forbiddenFields, type Source } from './config/source.ts';
import type { LookContext } from './delivery/attempt/attempt-change.ts';
import type { LastRefusals } from './delivery/store/last-refusals.ts';
import type { MessageQueue } from './delivery/store/message-queue.ts';
import type { Tables } from './delivery/store/stores.ts';
import { createTake, type Take } from './delivery/take/take.ts';
import { type Budget, createBudget } from './directscale/budget.ts';
import { createDirectScale, type DirectScale, directScaleAddresses } from './directscale/client.ts';
import type { Limits } from './directscale/share.ts';
import type { Violation } from './domain/violation.ts';
import { ProblemError } from './http/problem.ts';
import { appSettingsStore } from './secrets/app-settings-store.ts';
import { keyVaultStore } from './secrets/key-vault-store.ts';
import { createSecrets, type Secrets } from './secrets/secrets.ts';

/** Everything that a running relay is made of. Built once per process. */
export interface Relay extends LoadedSources {
  readonly settings: Settings;
  /** What the direct route may not send. */
  readonly forbiddenDirectly: ReadonlySet<string>;
  readonly secrets: Secrets;
  readonly directScale: DirectScale;
  /** Makes a delivery durable. Opens the queue at the first call, and nothing else. Throws what storage throws. */
  readonly take: Take;
  /** Where refusals are noted; opens one table, at the first call, again after a failure. Throws what storage throws. */
  lastRefusals(): Promise<LastRefusals>;
  /** The tables. Opened at the first call, again after a failure. Throws what storage throws. */
  tables(): Promise<Tables>;
  /** How far what is read from vendors is. Opened at the first call, again after a failure. Throws what storage throws. */
  jobStates(): Promise<JobStates>;
  /** What delivers. Opened at the first call, again after a failure. Throws what storage throws. */
  delivery(): Promise<LookContext>;
}

/**
 * The queue: it is there whatever else is wrong with the configuration. Opened at the first call, again after a failure.
 * Throws what storage throws.
 */
export const getQueue = once<MessageQueue>(async () =>
  (await import('./delivery/store/open-queue.ts')).openQueue(process.env),
);

export type RelayState = { readonly relay: Relay } | { readonly problems: readonly Violation[] };

let state: Promise<RelayState> | undefined;

/** The relay of this process, or what is wrong with its configuration. Built at the first call; never rejects. */
export function relayState(): Promise<RelayState> {
  state ??= buildRelay(process.env);
  return state;
}

/** The relay of this process. Throws a 503 problem if its configuration is incomplete: health says what is. */
export async function getRelay(): Promise<Relay> {
  const current = await relayState();
  if ('relay' in current) return current.relay;
  throw new ProblemError('configuration-incomplete', {
    detail: 'GET /api/health/details says what is wrong with the configuration.',
  });
}

/** A configured source by name. Throws a 404 problem for an unknown one and a 503 for one that is misconfigured. */
export function getSource(relay: Relay, name = ''): Source {
  const source = relay.sources.get(name);
  if (source) return source;
  if (!relay.brokenSources.has(name))
    throw new ProblemError('unknown-source', { detail: 'relay.json lists no source of this name.' });
  // Anybody may ask: what is wrong with it is for who holds a key.
  throw new ProblemError('configuration-incomplete', {
    detail: 'GET /api/health/details says what is wrong with this source.',
  });
}

/** Throws a 503 problem if the mapping of a source cannot be used. */
export async function usableMapping(source: Source): Promise<void> {
  if ((await mappingProblem(source)) === undefined) return;
  throw new ProblemError('configuration-incomplete', {
    detail: 'GET /api/health/details says what is wrong with the mapping of this source.',
  });
}

async function buildRelay(env: NodeJS.ProcessEnv): Promise<RelayState> {
  const { configuration, problems } = await readConfiguration(env);
  if (!configuration) return { problems };
  const { settings, relayFile } = configuration;
  const secrets = createSecrets({
    store: settings.KEY_VAULT_URL
      ? keyVaultStore(new URL(settings.KEY_VAULT_URL), settings.AZURE_CLIENT_ID)
      : appSettingsStore(env),
    ttlMs: settings.SECRETS_TTL_MINUTES * 60_000,
    minRefreshIntervalMs: settings.SECRETS_MIN_REFRESH_SECONDS * 1000,
  });
  const loaded = loadSources(configuration);
  // The storage SDKs are heavy: each is loaded when it is first needed, not at the start.
  const tables = once<Tables>(async () => (await import('./delivery/store/open-tables.ts')).openTables(env));
  const limits = limitsOf(settings);
  const directScale = createDirectScale({
    baseUrl: new URL(settings.DIRECTSCALE_BASE_URL ?? directScaleAddresses[settings.DIRECTSCALE_ENVIRONMENT]),
    timeoutMs: settings.DIRECTSCALE_TIMEOUT_MS,
    key: {
      current: () => secrets.get(settings.DIRECTSCALE_KEY_SECRET),
      afterRejection: () => secrets.refresh(settings.DIRECTSCALE_KEY_SECRET),
    },
    queryNames: {
      externalReferenceId: settings.DIRECTSCALE_QUERY_EXTERNAL_REFERENCE_ID,
      username: settings.DIRECTSCALE_QUERY_USERNAME,
      webAlias: settings.DIRECTSCALE_QUERY_WEB_ALIAS,
    },
    ...(limits && { budget: budgetOf(limits, tables) }),
  });
  return {
    relay: {
      settings,
      ...loaded,
      forbiddenDirectly: forbiddenFields(relayFile.direct?.allow, true),
      secrets,
      directScale,
      take: createTake(getQueue, async (id, request) => (await tables()).records.keepRequest(id, request)),
      tables,
      lastRefusals: once(async () => {
        const [{ openTable }, { tableLastRefusals }] = await Promise.all([
          import('./delivery/store/open-tables.ts'),
          import('./delivery/store/last-refusals.ts'),
        ]);
        return tableLastRefusals(await openTable('relayoperator', env));
      }),
      jobStates: once(async () => {
        const [{ openTable }, { tableJobStates }] = await Promise.all([
          import('./delivery/store/open-tables.ts'),
          import('./catch-up/job-states.ts'),
        ]);
        return tableJobStates(await openTable('relaywalks', env));
      }),
      delivery: once(async () => {
        const [opened, openedQueue, { createDelivery }] = await Promise.all([
          tables(),
          getQueue(),
          import('./delivery/delivery.ts'),
        ]);
        const stores = { ...opened, queue: openedQueue };
        return createDelivery(stores, { settings, secrets, directScale, sources: loaded.sources });
      }),
    },
  };
}

/** Undefined: calls to DirectScale are made at once. */
function limitsOf(settings: Settings): Limits | undefined {
  const { DIRECTSCALE_CALLS_PER_SECOND: perSecond, DIRECTSCALE_CALLS_AT_A_TIME: atATime } = settings;
  if (perSecond === undefined && atATime === undefined) return undefined;
  return { callsPerSecond: perSecond ?? most, callsAtATime: atATime ?? most };
}
/** As much as the settings take. */
const most = 1000;

/** This instance's part of what all instances may ask of DirectScale. */
function budgetOf(limits: Limits, tables: () => Promise<Tables>): Budget {
  const instance = randomUUID();
  const lease = async () => (await tables()).budgetShares.lease(instance, limits, Date.now());
  return createBudget(lease, { now: Date.now, delay });
}

/** The same promise for everybody who asks, until it fails. */
function once<Result>(open: () => Promise<Result>): () => Promise<Result> {
  let opened: Promise<Result> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
