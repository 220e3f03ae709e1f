import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  type Forwarded,
  type Verdict,
  type Watcher,
  watchSurroundings,
} from '../../../local/forwarding-proxy.ts';
import { type FunctionHost, startFunctionHost } from '../../../local/function-host.ts';
import { type Surroundings, startSurroundings } from '../../../local/stack.ts';
import type { SignedRequest } from '../chaos/made-up-changes.ts';
import { changesOf, functionKey, until, untilNothingIsPending } from '../operator.ts';
import type { Scenario } from './scenarios.ts';

export const moments = ['before', 'after'] as const;

/** The processes of each test start anew, and a lease runs out. */
export const testTimeoutMs = 90_000;

/** When a process is killed: around the nth request of a name. */
export interface CrashPoint {
  /** For instance `POST $batch relaycustomers`, see {@link nameOf}. */
  readonly step: string;
  readonly count: number;
  readonly moment: (typeof moments)[number];
}

export interface Trouble {
  /** DirectScale answers the first PATCH of each customer with 500. */
  readonly failsOnce?: boolean;
  /** The first write of these names takes so long that what comes in the meantime shares the next one. */
  readonly slowFirst?: readonly string[];
}

export function startCrashSurroundings(): Promise<Surroundings> {
  return startSurroundings({ relayConfig: 'test/integration/chaos/relay.json' });
}

/**
 * Sends the requests of a scenario to a relay that is killed at the crash point, starts another in its place, and
 * expects that each change is applied in the end, recorded once, and that nothing else was written or is left.
 */
export async function expectSurvival(
  surroundings: Surroundings,
  scenario: Scenario,
  point: CrashPoint,
  { failsOnce = false, slowFirst = [] }: Trouble = {},
): Promise<void> {
  const { requests, changes, refused = {} } = scenario;
  const { sandbox } = surroundings;
  const model = sandbox.customers.get('10542');
  if (!model) throw new Error('the sandbox has no customer 10542');
  for (const customerId of changes.keys()) {
    sandbox.customers.set(customerId, { ...model, CustomerId: Number(customerId) });
    for (const [field, value] of Object.entries(refused))
      sandbox.fault({ match: { method: 'PATCH', customerId, field, value }, status: 400 });
    if (failsOnce) sandbox.fault({ match: { method: 'PATCH', customerId }, times: 1, status: 500 });
  }

  let victim: FunctionHost | undefined;
  let killed = false;
  const kill = () => {
    killed = true;
    victim?.process.kill('SIGKILL');
  };
  const watched = await watchSurroundings(surroundings, killAt(point, kill, slowFirst));
  let heir: FunctionHost | undefined;
  try {
    victim = await startHost(watched.env);
    const { url } = victim;
    const first = await Promise.all(requests.map((request) => send(url, request)));
    await until(() => killed, 'the step was reached', 40_000);

    heir = await startHost(surroundings.env);
    // The sender repeats what was not accepted, and only that.
    for (const [index, request] of requests.entries())
      if (first[index] !== 202) expect(await send(heir.url, request)).toBe(202);
    await untilNothingIsPending(heir.url, 40_000);
    await expectAppliedOnce(surroundings, scenario, heir.url);
  } finally {
    victim?.process.kill('SIGKILL');
    await heir?.stop();
    await watched.close();
  }
}

/** The status of the answer; undefined: there was none. */
async function send(url: string, { path, headers, body }: SignedRequest): Promise<number | undefined> {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body }).catch(() => undefined);
  return response?.status;
}

async function expectAppliedOnce(
  { sandbox }: Surroundings,
  { changes, refused }: Scenario,
  relayUrl: string,
): Promise<void> {
  const listed = async (query = {}) =>
    (await changesOf(relayUrl, query)).filter(({ customerId = '' }) => changes.has(customerId));
  const records = await listed();
  expect(records.map(({ customerId }) => customerId).toSorted()).toEqual([...changes.keys()]);
  for (const { status } of records) expect(['applied', 'unchanged']).toContain(status);
  for (const status of ['pending', 'parked']) expect(await listed({ status })).toEqual([]);
  for (const [customerId, fields] of changes) {
    expect(sandbox.customers.get(customerId)).toMatchObject(fields);
    expect(await changesOf(relayUrl, { customer: customerId })).toHaveLength(1);
    if (refused) {
      expectPartsOnce(sandbox, customerId, { ...fields, ...refused });
      expect(records[0]?.leftOut?.map(({ path }) => path)).toEqual(Object.keys(refused));
      continue;
    }
    const calls = sandbox.history.filter((call) => call.customerId === customerId && call.method === 'PATCH');
    for (const { patch } of calls) expect(patch).toEqual(fields);
    // Twice only if the process died between the call and the commit.
    expect(calls.filter(({ applied }) => applied).length).toBeOneOf([1, 2]);
  }
}

/** Each call has a part of the change, and of those that were taken one comes twice at most: around the crash. */
function expectPartsOnce(
  { history }: Surroundings['sandbox'],
  customerId: string,
  fields: Readonly<Record<string, string>>,
): void {
  const calls = history.filter((call) => call.customerId === customerId && call.method === 'PATCH');
  for (const { patch } of calls) expect(fields).toMatchObject(patch as object);
  const taken = calls.filter(({ applied }) => applied).map(({ patch }) => JSON.stringify(patch));
  expect(taken.length - new Set(taken).size).toBeLessThanOrEqual(1);
  // Four without a crash.
  expect(calls.length).toBeLessThanOrEqual(5);
}

/** Kills at the crash point, and lets nothing through afterwards: a dead process sends nothing. */
function killAt(
  { step, count, moment }: CrashPoint,
  kill: () => void,
  slowFirst: readonly string[],
): Watcher {
  /** The requests of the step's name, with their numbers: several can be under way. */
  const numbers = new Map<Forwarded, number>();
  let killed = false;
  const slow = new Set(slowFirst);
  const judge = (name: string | undefined, forwarded: Forwarded, when: string): Verdict => {
    if (killed) return 'cut off';
    if (name === step && when === 'before') numbers.set(forwarded, numbers.size + 1);
    if (when !== moment || numbers.get(forwarded) !== count) return 'go on';
    killed = true;
    kill();
    return 'cut off';
  };
  return async (forwarded, when) => {
    const name = nameOf(forwarded);
    if (name !== undefined && slow.delete(name)) await delay(slowMs);
    return judge(name, forwarded, when);
  };
}

/** Not longer than anybody waits for a round of shared writes to end. */
const slowMs = 150;

/** Only what leaves a trace; undefined: it leaves none that matters. */
function nameOf({ to, method, path, body }: Forwarded): string | undefined {
  if (method === 'GET' || path.endsWith('/Tables')) return undefined;
  if (to === 'directscale') return `${method} customers`;
  // A message or a transaction for several deliveries names each of them.
  const several = new Set(body.match(/\d{8}-\d{9}-[0-9a-f]{16}/g)).size > 1 ? ' of several' : '';
  if (to === 'queues')
    return path.includes('/customer-changes/messages') ? `${method} messages${several}` : undefined;
  const table = /relay[a-z]+/;
  if (path.endsWith('$batch')) return `${method} $batch ${table.exec(body)}${several}`;
  return `${method} ${table.exec(path)}`;
}

function startHost(env: Readonly<Record<string, string>>): Promise<FunctionHost> {
  return startFunctionHost({
    functionKey,
    queueLockMs: 1000,
    env: {
      ...env,
      // A busy machine takes long to answer; that must not look like an outage.
      DIRECTSCALE_TIMEOUT_MS: '2000',
      DIRECTSCALE_SETTLE_MS: '300',
      RETRY_SCHEDULE: '1 s, 1 s, 1 s, 2 s, 2 s, 2 s, 4 s, 4 s, 4 s',
    },
  });
}
