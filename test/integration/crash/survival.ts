import { describe, expect, test } from 'vitest';
import { type Forwarded, type Watcher, watchSurroundings } from '../../../local/forwarding-proxy.ts';
import { type FunctionHost, startFunctionHost } from '../../../local/function-host.ts';
import { startSurroundings } from '../../../local/stack.ts';
import { madeUpChanges } from '../chaos/made-up-changes.ts';
import { changesOf, functionKey, until, untilNothingIsPending } from '../operator.ts';

/** Everything that one delivery leaves behind on its way, by the request that writes it. */
const steps = [
  ['remember the delivery', 'POST relayseen', 1],
  ['record its changes and its body', 'POST $batch', 1],
  ['note it in the index of the customer', 'PUT relaycustomers', 1],
  ['put the change into the queue', 'POST messages', 1],
  ['note that the delivery is safe', 'PATCH relayseen', 1],
  ['take the lease', 'POST relaycustomers', 1],
  ['write to DirectScale', 'PATCH customers', 1],
  ['record in the state what was applied', 'PUT relaycustomers', 2],
  ['record the outcome', 'PATCH relaydeliveries', 1],
  ['take the message out of the queue', 'DELETE messages', 1],
] as const;

/** The same after DirectScale answered 500 to the first attempt. */
const stepsOfRetry = [
  ['record in the state that the end is in doubt', 'PUT relaycustomers', 2],
  ['put the change into the queue again', 'POST messages', 2],
  ['record the failed attempt', 'PATCH relaydeliveries', 1],
  ['take the old message out of the queue', 'DELETE messages', 1],
  ['take the lease again', 'PUT relaycustomers', 3],
  ['write to DirectScale again', 'PATCH customers', 2],
  ['record in the state what was applied', 'PUT relaycustomers', 4],
  ['record the outcome', 'PATCH relaydeliveries', 2],
] as const;

const moments = ['before', 'after'] as const;

describe.concurrent.each(moments)('the process is killed %s the step', (moment) => {
  test.each(steps)('%s (%s, no. %i)', (_, step, count) => survives(step, count, moment, false));
});

describe.concurrent.each(moments)(
  'DirectScale fails once, and the process is killed %s the step',
  (moment) => {
    test.each(stepsOfRetry)('%s (%s, no. %i)', (_, step, count) => survives(step, count, moment, true));
  },
);

async function survives(
  step: string,
  count: number,
  moment: 'before' | 'after',
  failsOnce: boolean,
): Promise<void> {
  const surroundings = await startSurroundings({ relayConfig: 'test/integration/chaos/relay.json' });
  const { sandbox } = surroundings;
  if (failsOnce) sandbox.fault({ match: { method: 'PATCH' }, times: 1, status: 500 });
  let victim: FunctionHost | undefined;
  let seen = 0;
  let killed = false;
  const watch: Watcher = (forwarded, when) => {
    if (killed) return 'cut off';
    const name = nameOf(forwarded);
    if (name === step && when === 'before') seen++;
    if (name !== step || when !== moment || seen !== count) return 'go on';
    killed = true;
    victim?.process.kill('SIGKILL');
    return 'cut off';
  };
  const { env, close } = await watchSurroundings(surroundings, watch);
  const hosts: FunctionHost[] = [];
  try {
    victim = await startHost(env);
    const [change] = madeUpChanges(1, ['10542']);
    if (!change) throw new Error('no change was made up');
    const send = (host: FunctionHost) =>
      fetch(`${host.url}${change.path}`, {
        method: 'POST',
        headers: change.headers,
        body: change.body,
      }).catch(() => undefined);
    const first = await send(victim);
    await until(() => killed, 'the step was reached');

    const heir = await startHost(surroundings.env);
    hosts.push(heir);
    // The sender repeats what was not accepted, and only that.
    if (first?.status !== 202) expect((await send(heir))?.status).toBe(202);
    await untilNothingIsPending(heir.url);

    expect(sandbox.customers.get('10542')).toMatchObject(change.fields);
    const changes = await changesOf(heir.url);
    expect(changes).toHaveLength(1);
    expect(['applied', 'unchanged']).toContain(changes[0]?.status);
    for (const { method, patch } of sandbox.history)
      if (method === 'PATCH') expect(patch).toEqual(change.fields);
  } finally {
    victim?.process.kill('SIGKILL');
    await Promise.all(hosts.map((host) => host.stop()));
    await close();
    await surroundings.stop();
  }
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
