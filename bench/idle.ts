import { setTimeout as delay } from 'node:timers/promises';
import { startSurroundings } from '../local/stack.ts';
import { patches } from './applied.ts';
import { median, milliseconds, report } from './measure.ts';
import { type LoadGenerator, startWatchedHost } from './processes/children.ts';
import { addCustomers, manyWrites, webhooksOf } from './shopify-webhook.ts';

const webhooks = 20;

/** The first webhook of a new process, and the way to DirectScale while nothing else happens. */
export async function measureIdle(app: string, load: LoadGenerator): Promise<void> {
  const surroundings = await startSurroundings();
  const { sandbox } = surroundings;
  addCustomers(sandbox);
  const host = await startWatchedHost(app, { env: { ...surroundings.env, ...manyWrites } });
  try {
    const send = async () => {
      const before = patches(sandbox);
      const start = performance.now();
      const { times } = await load.make({ target: webhooksOf(host.url), senders: 1, until: { count: 1 } });
      while (patches(sandbox) === before) await delay(2);
      return { accepted: times[0] ?? Number.NaN, applied: performance.now() - start };
    };
    const first = await send();
    const rest: number[] = [];
    while (rest.length < webhooks) rest.push((await send()).applied);
    report(
      'first webhook of a process, to 202',
      milliseconds(first.accepted),
      'reads a secret, opens storage',
    );
    report('webhook to PATCH, idle, median', milliseconds(median(rest)), 'the local host polls the queue');
  } finally {
    await host.stop();
    await surroundings.stop();
  }
}
