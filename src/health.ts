import { mappingProblem, placeOf } from './config/load-sources.ts';
import type { Source } from './config/source.ts';
import { readSourceSecrets } from './config/source-secrets.ts';
import type { CustomerPause } from './delivery/store/pause-reports.ts';
import type { CircuitState } from './directscale/circuit-breaker.ts';
import type { LastAnswer } from './directscale/client.ts';
import type { Violation } from './domain/violation.ts';
import type { Relay, RelayState } from './relay.ts';
import type { SecretReport, Secrets } from './secrets/secrets.ts';

/** What is known of a secret; `secret-unusable`: it was read, and cannot be a key. */
type SecretHealth = Omit<SecretReport, 'failure'> & {
  readonly failure?: { readonly code: string; readonly message: string };
};

/** The state of the relay and of what it depends on. Names and codes only, never values. */
export interface Health {
  /** `ready`: every source works. `degraded`: some do not, see below. `not-ready`: none does. */
  readonly status: 'ready' | 'degraded' | 'not-ready';
  /** Everything that is wrong with settings, relay.json and mappings. */
  readonly configuration: readonly Violation[];
  readonly secrets: readonly SecretHealth[];
  /** `secret-unusable`: none of its secrets can be a key, so that nothing is verified. */
  readonly sources: Readonly<
    Record<string, 'ready' | 'misconfigured' | 'secret-unavailable' | 'secret-unusable'>
  >;
  readonly storage: 'ready' | 'unavailable';
  /** Why changes wait now, as an instance that applies them reported last; absent when they do not. */
  readonly pause?: CircuitState;
  /** Customers that nobody writes to now, because two systems seem to overwrite each other; absent when there are none. */
  readonly pausedCustomers?: readonly CustomerPause[];
  /** What the last call of this process to DirectScale came to; absent before the first. */
  readonly directScale?: LastAnswer;
}

/** Reads every secret that is needed (from the cache, mostly) and says what works. Never throws. */
export async function checkHealth(state: RelayState): Promise<Health> {
  if ('problems' in state)
    return {
      status: 'not-ready',
      configuration: state.problems,
      secrets: [],
      sources: {},
      storage: 'unavailable',
    };
  const { settings, secrets, sources, brokenSources, directScale } = state.relay;
  const keyReadable = await secrets.get(settings.DIRECTSCALE_KEY_SECRET).then(
    () => true,
    () => false,
  );
  const mappingProblems: Violation[] = [];
  const sourceStates: Record<string, Health['sources'][string]> = {};
  for (const name of brokenSources.keys()) sourceStates[name] = 'misconfigured';
  const unusable = new Map<string, string>();
  for (const source of sources.values()) {
    const problem = await mappingProblem(source);
    if (problem) mappingProblems.push({ path: placeOf(source.name, 'mapping', settings), message: problem });
    const found = await stateOfSecrets(source, secrets);
    sourceStates[source.name] = problem ? 'misconfigured' : found.state;
    for (const [name, reason] of found.unusable) unusable.set(name, `the secret ${name} ${reason}`);
  }

  const storage = await checkStorage(state.relay);
  const last = directScale.lastAnswer();
  const works =
    keyReadable && last?.outcome !== 'misconfigured' && !storage.pause && !storage.pausedCustomers;
  const allReady = works && Object.values(sourceStates).every((value) => value === 'ready');
  const noneReady = !keyReadable || storage.storage === 'unavailable';
  return {
    status: noneReady ? 'not-ready' : allReady ? 'ready' : 'degraded',
    configuration: [...[...brokenSources.values()].flat(), ...mappingProblems],
    secrets: secrets.report().map((report) => withReason(report, unusable.get(report.name))),
    sources: sourceStates,
    ...storage,
    ...(last && { directScale: last }),
  };
}

/** Whether the source can verify anything, and which of its secrets cannot be used. */
async function stateOfSecrets(
  source: Source,
  secrets: Secrets,
): Promise<{
  readonly state: 'ready' | 'secret-unavailable' | 'secret-unusable';
  readonly unusable: ReadonlyMap<string, string>;
}> {
  try {
    const { keys, unusable } = await readSourceSecrets(source, secrets);
    return { state: keys.length > 0 ? 'ready' : 'secret-unusable', unusable };
  } catch {
    return { state: 'secret-unavailable', unusable: new Map() };
  }
}

function withReason(report: SecretReport, message: string | undefined): SecretHealth {
  return message === undefined ? report : { ...report, failure: { code: 'secret-unusable', message } };
}

/** Is storage there, and what do the changes in the queue wait for? */
async function checkStorage({
  tables,
}: Relay): Promise<Pick<Health, 'storage' | 'pause' | 'pausedCustomers'>> {
  try {
    const { pauses } = await tables();
    const now = new Date();
    const [pause, paused] = await Promise.all([pauses.read(now), pauses.readCustomers(now)]);
    return {
      storage: 'ready',
      ...(pause && { pause }),
      ...(paused.length > 0 && { pausedCustomers: paused }),
    };
  } catch {
    return { storage: 'unavailable' };
  }
}
