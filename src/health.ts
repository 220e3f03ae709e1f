import * as z from 'zod';
import { lateCatchUp } from './catch-up/due.ts';
import { type GuardReport, guardReportSchema } from './catch-up/guard.ts';
import { neverBegun } from './catch-up/walk.ts';
import { mappingProblem, placeOf } from './config/load-sources.ts';
import { signedAddress } from './config/signed-address.ts';
import type { Source } from './config/source.ts';
import { readSourceSecrets } from './config/source-secrets.ts';
import { type QueueReport, reportQueue } from './delivery/operate/queue-report.ts';
import { handPauseSchema } from './delivery/record/hand-pause.ts';
import type { Violation } from './domain/violation.ts';
import { getQueue, type Relay, type RelayState } from './relay.ts';
import type { SecretReport, Secrets } from './secrets/secrets.ts';

const sourceStates = ['ready', 'misconfigured', 'secret-unavailable', 'secret-unusable'] as const;
type SourceState = (typeof sourceStates)[number];

const circuitBreakerSchema = z.object({
  state: z
    .enum(['open', 'half-open'])
    .describe('half-open: its time is over, the next call tells how it goes on.'),
  reason: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
});

const lastAnswerSchema = z.object({
  at: z.iso.datetime(),
  outcome: z.string(),
  reason: z.string().optional(),
  status: z.int().optional(),
});

/** What everybody may know. */
export const healthSchema = z.object({
  status: z
    .enum(['ready', 'degraded', 'not-ready'])
    .describe('ready: everything works. degraded: something does not. not-ready: nothing can be taken.'),
});

/** The state of the relay and of what it depends on. Names and codes only, never values. */
export const healthDetailsSchema = healthSchema.extend({
  configuration: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .readonly()
    .describe('Everything that is wrong with settings, relay.json and mappings.'),
  secrets: z.array(
    z.object({
      name: z.string(),
      store: z.enum(['key-vault', 'app-settings']),
      ageMs: z.number().optional().describe('Age of the value in use; absent: there is none.'),
      failure: z.object({ code: z.string(), message: z.string() }).optional(),
    }),
  ),
  sources: z
    .record(z.string(), z.enum(sourceStates))
    .describe('secret-unusable: none of its secrets can be a key, so that nothing is verified.'),
  signedAddresses: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'By source, where the sender signs the address that it calls: the address that is expected. Absent: there is no such source, or the address under which the relay is called is not configured.',
    ),
  storage: z.enum(['ready', 'unavailable']),
  circuitBreaker: circuitBreakerSchema
    .optional()
    .describe('Why changes wait now, as an instance that applies them reported last.'),
  pausedCustomers: z
    .array(z.object({ customerId: z.string(), until: z.iso.datetime() }))
    .optional()
    .describe('Customers that nobody writes to now, because two systems seem to overwrite each other.'),
  paused: z
    .array(handPauseSchema)
    .optional()
    .describe('What operators have paused: nothing is written of it until they resume it, or its end.'),
  subscriptions: z
    .array(guardReportSchema)
    .optional()
    .describe(
      "Vendors that do not send their webhooks here as they should, or could not be asked, by the last day's look.",
    ),
  catchUp: z
    .array(z.object({ source: z.string(), reason: z.string(), since: z.iso.datetime() }))
    .optional()
    .describe('Sources whose vendor is not asked as relay.json says: why, and since when.'),
  directScale: lastAnswerSchema
    .optional()
    .describe('What the last call of this process to DirectScale came to, if it was made lately.'),
  queue: z
    .object({
      waiting: z.int().describe('Messages, those of the future included.'),
      oldestDueSeconds: z
        .int()
        .describe('For how long the oldest change that is due has waited; 0: none is.'),
      poison: z.int().describe('Messages that the host gave up and nobody has parked yet.'),
    })
    .optional()
    .describe('Absent when storage cannot be reached.'),
});

export type HealthStatus = z.infer<typeof healthSchema>['status'];
export type HealthDetails = z.infer<typeof healthDetailsSchema>;
type Health = Omit<HealthDetails, 'queue'>;

/** An older last answer says nothing about now. */
const lastAnswerCountsMs = 15 * 60_000;

/** The status alone: cheap enough for whoever asks. Never throws. */
export async function healthStatus(state: RelayState): Promise<HealthStatus> {
  return (await checkHealth(state)).status;
}

/** Everything, with the queue's counts. Never throws. */
export async function healthDetails(state: RelayState): Promise<HealthDetails> {
  const [health, queue] = await Promise.all([checkHealth(state), queueOf(state)]);
  return { ...health, ...(queue && { queue }) };
}

/** Reads every secret that is needed (from the cache, mostly) and says what works. */
async function checkHealth(state: RelayState): Promise<Health> {
  if ('problems' in state)
    return {
      status: 'not-ready',
      configuration: state.problems,
      secrets: [],
      sources: {},
      storage: await stateOfQueue(),
    };
  const { relay } = state;
  const isKeyReadable = await isReadable(relay, relay.settings.DIRECTSCALE_KEY_SECRET);
  const { sources, problems, unusable } = await checkSources(relay);
  const storage = await checkStorage(relay);
  const vendors = storage.storage === 'ready' ? await checkVendors(relay) : {};
  const last = relay.directScale.lastAnswer();
  const isRecent = last && Date.now() - Date.parse(last.at) < lastAnswerCountsMs;
  const signedAddresses = signedAddressesOf(relay);
  const health = {
    configuration: [...[...relay.brokenSources.values()].flat(), ...problems],
    secrets: relay.secrets.report().map((report) => withReason(report, unusable.get(report.name))),
    sources,
    ...(Object.keys(signedAddresses).length > 0 && { signedAddresses }),
    ...storage,
    ...vendors,
    ...(isRecent && { directScale: last }),
  };
  return { status: statusOf(health, isKeyReadable), ...health };
}

function signedAddressesOf({ sources, settings }: Relay): Record<string, string> {
  const addresses = [...sources.values()].map((source) => [source.name, signedAddress(source, settings)]);
  return Object.fromEntries(addresses.filter(([, address]) => address !== undefined));
}

function statusOf(health: Omit<Health, 'status'>, isKeyReadable: boolean): HealthStatus {
  const states = Object.values(health.sources);
  // Webhooks are taken while DirectScale, or its key, is not there; the direct route needs no source.
  const isTaken = states.includes('ready') || isKeyReadable;
  if (health.storage === 'unavailable' || !isTaken) return 'not-ready';
  const isWorking =
    isKeyReadable &&
    states.every((state) => state === 'ready') &&
    health.directScale?.outcome !== 'misconfigured' &&
    !health.circuitBreaker &&
    !health.pausedCustomers &&
    !health.paused &&
    !health.catchUp &&
    !health.subscriptions?.some(({ state }) => state === 'broken');
  return isWorking ? 'ready' : 'degraded';
}

interface CheckedSources {
  readonly sources: Record<string, SourceState>;
  readonly problems: readonly Violation[];
  /** Why secrets that are there cannot be keys, by name. */
  readonly unusable: ReadonlyMap<string, string>;
}

async function checkSources(relay: Relay): Promise<CheckedSources> {
  const sources: Record<string, SourceState> = {};
  const problems: Violation[] = [];
  const unusable = new Map<string, string>();
  for (const name of relay.brokenSources.keys()) sources[name] = 'misconfigured';
  for (const source of relay.sources.values()) {
    const message = await mappingProblem(source);
    if (message) problems.push({ path: placeOf(source.name, 'mapping', relay.settings), message });
    const found = await stateOfSecrets(source, relay.secrets);
    sources[source.name] = message ? 'misconfigured' : found.state;
    for (const [name, reason] of found.unusable) unusable.set(name, `the secret ${name} ${reason}`);
  }
  return { sources, problems, unusable };
}

/** Whether the source can verify anything, and which of its secrets cannot be used. */
async function stateOfSecrets(
  source: Source,
  secrets: Secrets,
): Promise<{ readonly state: SourceState; readonly unusable: ReadonlyMap<string, string> }> {
  try {
    const { keys, unusable } = await readSourceSecrets(source, secrets);
    return { state: keys.length > 0 ? 'ready' : 'secret-unusable', unusable };
  } catch {
    return { state: 'secret-unavailable', unusable: new Map() };
  }
}

function withReason(report: SecretReport, message: string | undefined): Health['secrets'][number] {
  return message === undefined ? report : { ...report, failure: { code: 'secret-unusable', message } };
}

function isReadable({ secrets }: Relay, name: string): Promise<boolean> {
  return secrets.get(name).then(
    () => true,
    () => false,
  );
}

/** Is storage there, if nothing of the relay can be built but its queue? */
async function stateOfQueue(): Promise<Health['storage']> {
  try {
    await (await getQueue()).look();
    return 'ready';
  } catch {
    return 'unavailable';
  }
}

/** Is storage there, and what do the changes in the queue wait for? */
async function checkStorage({
  tables,
}: Relay): Promise<Pick<Health, 'storage' | 'circuitBreaker' | 'pausedCustomers' | 'paused'>> {
  try {
    const { pauses, customerPauses } = await tables();
    const now = new Date();
    const [{ byHand, circuit }, pausedCustomers] = await Promise.all([
      pauses.read(now),
      customerPauses.all(now),
    ]);
    return {
      storage: 'ready',
      ...(circuit && { circuitBreaker: circuit }),
      ...(pausedCustomers.length > 0 && { pausedCustomers }),
      ...(byHand.length > 0 && { paused: byHand }),
    };
  } catch {
    return { storage: 'unavailable' };
  }
}

/** Whether vendors that can be asked are asked, and send. Only what is not as it should be. */
async function checkVendors(relay: Relay): Promise<Pick<Health, 'subscriptions' | 'catchUp'>> {
  if (![...relay.sources.values()].some(({ kind }) => kind.changesSince || kind.subscription)) return {};
  try {
    const states = await relay.jobStates();
    const now = Date.now();
    const sources = [...relay.sources.values()].filter(({ catchUp }) => catchUp);
    const { guards, catchUps } = await states.standing();
    const isTold = ({ source, state }: GuardReport) =>
      relay.sources.has(source) && (state === 'broken' || state === 'unavailable');
    const subscriptions = guards.filter(isTold);
    const catchUp = sources.flatMap((source) =>
      lateCatchUp(source, catchUps.get(source.name) ?? neverBegun, now),
    );
    return {
      ...(subscriptions.length > 0 && { subscriptions }),
      ...(catchUp.length > 0 && { catchUp }),
    };
  } catch {
    return {};
  }
}

async function queueOf(state: RelayState): Promise<QueueReport | undefined> {
  if ('problems' in state) return undefined;
  try {
    const { stores, now } = await state.relay.delivery();
    return await reportQueue(stores, now());
  } catch {
    return undefined;
  }
}
