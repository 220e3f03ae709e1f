import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { appFolder } from './app-folder.ts';
import { type Configuration, readConfiguration, type SourceEntry } from './config/configuration.ts';
import type { Settings } from './config/settings.ts';
import { allowedLookUps, forbiddenFields, type Source } from './config/source.ts';
import type { DeliveryContext } from './delivery/delivery-context.ts';
import { createDirectScale, directScaleAddresses } from './directscale/client.ts';
import { lookUpQueryNames } from './directscale/look-up-query-names.ts';
import { rememberLastAnswer } from './directscale/remember-last-answer.ts';
import { type Violation, violationsOf } from './domain/violation.ts';
import { ProblemError } from './http/problem.ts';
import { compileMapping, type Mapping, MappingCompileError } from './mapping/mapping.ts';
import { appSettingsStore } from './secrets/app-settings-store.ts';
import { keyVaultStore } from './secrets/key-vault-store.ts';
import { createSecrets, type Secrets } from './secrets/secrets.ts';
import { sourceKinds } from './sources/index.ts';

/** Everything that a running relay is made of. Built once per process. */
export interface Relay {
  readonly settings: Settings;
  readonly sources: ReadonlyMap<string, Source>;
  /** Sources that cannot work, by name, with the reasons: they answer 503, the others work. */
  readonly brokenSources: ReadonlyMap<string, readonly Violation[]>;
  /** What the direct route may not send. */
  readonly forbiddenDirectly: ReadonlySet<string>;
  readonly secrets: Secrets;
  readonly directScale: ReturnType<typeof rememberLastAnswer>;
  /** What delivers: opened at the first call, again after a failure. Throws what storage throws. */
  delivery(): Promise<DeliveryContext>;
}

export type RelayState = { readonly relay: Relay } | { readonly problems: readonly Violation[] };

let state: Promise<RelayState> | undefined;

/** The relay of this process, or what is wrong with its configuration. Built at the first call; never rejects. */
export function relayState(): Promise<RelayState> {
  state ??= buildRelay(process.env);
  return state;
}

/** The relay of this process. Throws a 503 problem that lists what is missing in the configuration. */
export async function getRelay(): Promise<Relay> {
  const current = await relayState();
  if ('relay' in current) return current.relay;
  throw new ProblemError('configuration-incomplete', {
    detail: 'Correct the settings listed under violations and restart the relay.',
    violations: current.problems,
  });
}

/** A configured source by name. Throws a 404 problem for an unknown one and a 503 for one that is misconfigured. */
export function getSource(relay: Relay, name = ''): Source {
  const source = relay.sources.get(name);
  if (source) return source;
  const violations = relay.brokenSources.get(name);
  if (!violations)
    throw new ProblemError('unknown-source', { detail: 'relay.json lists no source of this name.' });
  throw new ProblemError('configuration-incomplete', {
    detail: 'Correct this source in relay.json.',
    violations,
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
  const sources = new Map<string, Source>();
  const brokenSources = new Map<string, readonly Violation[]>();
  for (const [name, entry] of Object.entries(relayFile.sources)) {
    const built = await buildSource(name, entry, configuration);
    if ('violations' in built) brokenSources.set(name, built.violations);
    else sources.set(name, built);
  }
  const directScale = rememberLastAnswer(
    createDirectScale({
      baseUrl: new URL(
        settings.DIRECTSCALE_BASE_URL ?? directScaleAddresses[settings.DIRECTSCALE_ENVIRONMENT],
      ),
      timeoutMs: settings.DIRECTSCALE_TIMEOUT_MS,
      key: {
        current: () => secrets.get(settings.DIRECTSCALE_KEY_SECRET),
        afterRejection: () => secrets.refresh(settings.DIRECTSCALE_KEY_SECRET),
      },
      queryNames: lookUpQueryNames(settings),
    }),
  );
  return {
    relay: {
      settings,
      sources,
      brokenSources,
      forbiddenDirectly: forbiddenFields(relayFile.direct?.allow, true),
      secrets,
      directScale,
      delivery: once(async () => {
        // The storage SDK is heavy: it is loaded by the first delivery, not at the start.
        const { openDeliveryContext } = await import('./delivery/delivery-context.ts');
        return openDeliveryContext(env, { settings, secrets, directScale, sources });
      }),
    },
  };
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

async function buildSource(
  name: string,
  entry: SourceEntry,
  { folder, settings }: Configuration,
): Promise<Source | { readonly violations: Violation[] }> {
  const at = (path: string) => `${settings.RELAY_CONFIG}: sources.${name}.${path}`;
  const kind = sourceKinds.get(entry.kind);
  if (!kind) return { violations: [{ path: at('kind'), message: 'is not a known kind' }] };
  const options = kind.options.safeParse(entry.options ?? {});
  if (!options.success) {
    const violations = violationsOf(options.error);
    return {
      violations: violations.map((v) => ({ ...v, path: at(['options', v.path].filter(Boolean).join('.')) })),
    };
  }
  const mapping = await loadMapping(entry, kind, folder);
  if (mapping && 'message' in mapping)
    return { violations: [{ path: at('mapping'), message: mapping.message }] };
  const maxBodyBytes = entry.maxBodyBytes ?? kind.maxBodyBytes;
  return {
    name,
    kind,
    options: options.data,
    secretNames: entry.secrets,
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    mode: entry.mode,
    ...(mapping && { mapping }),
    forbidden: forbiddenFields(entry.allow, kind.trusted),
    lookUp: allowedLookUps(entry.lookUp, kind.trusted),
    ignoreChangedBy: new Set(entry.ignoreChangedBy),
  };
}

/** The source's own mapping, else its kind's; undefined for a kind that needs none; a message if it cannot be used. */
async function loadMapping(
  entry: SourceEntry,
  kind: { readonly mapping?: string; readonly selfMapped?: boolean },
  folder: string,
): Promise<Mapping | { readonly message: string } | undefined> {
  if (!entry.mapping && kind.selfMapped) return undefined;
  const file = entry.mapping ?? kind.mapping;
  if (!file) return { message: 'is needed: this kind has no mapping of its own' };
  const path = resolve(entry.mapping ? folder : appFolder, file);
  try {
    return compileMapping(file, await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof MappingCompileError) return { message: error.message };
    return { message: `the file ${file} cannot be read` };
  }
}
