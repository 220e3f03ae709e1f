import { mappingProblem, placeOf } from './config/load-sources.ts';
import { type QueueReport, reportQueue } from './delivery/operate/queue-report.ts';
import type { CustomerPause } from './delivery/store/pause-reports.ts';
import type { CircuitState } from './directscale/circuit-breaker.ts';
import type { LastAnswer } from './directscale/remember-last-answer.ts';
import type { Violation } from './domain/violation.ts';
import type { Relay, RelayState } from './relay.ts';
import type { SecretReport } from './secrets/secrets.ts';

/** The state of the relay and of what it depends on. Names and codes only, never values. */
export interface Health {
  /** `ready`: every source works. `degraded`: some do not, see below. `not-ready`: none does. */
  readonly status: 'ready' | 'degraded' | 'not-ready';
  /** Everything that is wrong with settings, relay.json and mappings. */
  readonly configuration: readonly Violation[];
  readonly secrets: readonly SecretReport[];
  readonly sources: Readonly<Record<string, 'ready' | 'misconfigured' | 'secret-unavailable'>>;
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
  const readable = async (name: string): Promise<boolean> =>
    secrets.get(name).then(
      () => true,
      () => false,
    );

  const keyReadable = await readable(settings.DIRECTSCALE_KEY_SECRET);
  const mappingProblems: Violation[] = [];
  const sourceStates: Record<string, Health['sources'][string]> = {};
  for (const name of brokenSources.keys()) sourceStates[name] = 'misconfigured';
  for (const source of sources.values()) {
    const found = await Promise.all(source.secretNames.map(readable));
    const problem = await mappingProblem(source);
    if (problem) mappingProblems.push({ path: placeOf(source.name, 'mapping', settings), message: problem });
    sourceStates[source.name] = problem
      ? 'misconfigured'
      : found.includes(true)
        ? 'ready'
        : 'secret-unavailable';
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
    secrets: secrets.report(),
    sources: sourceStates,
    ...storage,
    ...(last && { directScale: last }),
  };
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

/** How the queue stands; undefined if the configuration or storage does not allow to look. Never throws. */
export async function checkQueue(state: RelayState): Promise<QueueReport | undefined> {
  if ('problems' in state) return undefined;
  try {
    const { stores, now } = await state.relay.delivery();
    return await reportQueue(stores, now());
  } catch {
    return undefined;
  }
}
