import { expect } from 'vitest';
import { type Forwarded, type Watcher, watchSurroundings } from '../../../local/forwarding-proxy.ts';
import { type FunctionHost, startFunctionHost } from '../../../local/function-host.ts';
import { type Surroundings, startSurroundings } from '../../../local/stack.ts';
import { madeUpChanges } from '../chaos/made-up-changes.ts';
import { changesOf, functionKey, until, untilNothingIsPending } from '../operator.ts';

export const moments = ['before', 'after'] as const;

/** When a process is killed: around the nth request of a name. */
export interface CrashPoint {
  /** For instance `PATCH relayseen`, see {@link nameOf}. */
  readonly step: string;
  readonly count: number;
  readonly moment: (typeof moments)[number];
}

export function startCrashSurroundings(): Promise<Surroundings> {
  return startSurroundings({ relayConfig: 'test/integration/chaos/relay.json' });
}

let cases = 0;

/**
 * Sends a change to a relay that is killed at the crash point, starts another in its place, and expects that the
 * change is applied in the end, once recorded, and that nothing else was ever written.
 */
export async function expectSurvival(
  surroundings: Surroundings,
  point: CrashPoint,
  { failsOnce }: { readonly failsOnce: boolean },
): Promise<void> {
  const { sandbox } = surroundings;
  const number = ++cases;
  const customerId = String(30_000 + number);
  const model = sandbox.customers.get('10542');
  if (!model) throw new Error('the sandbox has no customer 10542');
  sandbox.customers.set(customerId, { ...model, CustomerId: Number(customerId) });
  if (failsOnce) sandbox.fault({ match: { method: 'PATCH', customerId }, times: 1, status: 500 });

  let victim: FunctionHost | undefined;
  let killed = false;
  const watch = killAt(point, () => {
    killed = true;
    victim?.process.kill('SIGKILL');
  });
  const watched = await watchSurroundings(surroundings, watch);
  let heir: FunctionHost | undefined;
  try {
    victim = await startHost(watched.env);
    const [change] = madeUpChanges(1, [customerId], number);
    if (!change) throw new Error('no change was made up');
    const { path, headers, body } = change;
    const send = (host: FunctionHost) =>
      fetch(`${host.url}${path}`, { method: 'POST', headers, body }).catch(() => undefined);
    const first = await send(victim);
    await until(() => killed, 'the step was reached');

    heir = await startHost(surroundings.env);
    // The sender repeats what was not accepted, and only that.
    if (first?.status !== 202) expect((await send(heir))?.status).toBe(202);
    await untilNothingIsPending(heir.url);

    expect(sandbox.customers.get(customerId)).toMatchObject(change.fields);
    const changes = await changesOf(heir.url, { customer: customerId });
    expect(changes).toHaveLength(1);
    expect(['applied', 'unchanged']).toContain(changes[0]?.status);
    const calls = sandbox.history.filter((call) => call.customerId === customerId && call.method === 'PATCH');
    for (const { patch } of calls) expect(patch).toEqual(change.fields);
  } finally {
    victim?.process.kill('SIGKILL');
    await heir?.stop();
    await watched.close();
  }
}

/** Kills at the crash point, and lets nothing through afterwards: a dead process sends nothing. */
function killAt({ step, count, moment }: CrashPoint, kill: () => void): Watcher {
  let seen = 0;
  let killed = false;
  return (forwarded, when) => {
    if (killed) return 'cut off';
    const name = nameOf(forwarded);
    if (name === step && when === 'before') seen++;
    if (name !== step || when !== moment || seen !== count) return 'go on';
    killed = true;
    kill();
    return 'cut off';
  };
}

/** Only what leaves a trace; undefined: it leaves none that matters. */
function nameOf({ to, method, path }: Forwarded): string | undefined {
  if (method === 'GET' || path.endsWith('/Tables')) return undefined;
  if (to === 'tables') return `${method} ${/(\$batch|relay[a-z]+)/.exec(path)?.[1]}`;
  if (to === 'queues') return path.includes('/customer-changes/messages') ? `${method} messages` : undefined;
  return `${method} customers`;
}

function startHost(env: Readonly<Record<string, string>>): Promise<FunctionHost> {
  return startFunctionHost({
    functionKey,
    queueLockMs: 1000,
    env: {
      ...env,
      DIRECTSCALE_TIMEOUT_MS: '300',
      DIRECTSCALE_SETTLE_MS: '300',
      RETRY_SCHEDULE: '1 s, 1 s, 1 s',
    },
  });
}
