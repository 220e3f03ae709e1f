import { startSurroundings } from '../local/stack.ts';
import { patches, untilApplied, untilQuiet } from './applied.ts';
import type { Bundles } from './bundles.ts';
import { mean, milliseconds, report } from './measure.ts';
import { type LoadGenerator, startLoadGenerator, startWatchedHost } from './processes/children.ts';
import { addCustomers, manyWrites, webhooksOf } from './shopify-webhook.ts';

const warmUp = 800;
const changes = { 1: 300, 16: 800 } as const;
const senders = [1, 16] as const;
type PerSenders = Record<(typeof senders)[number], number>;

/** CPU of the relay's process per change, from the webhook to the PATCH, beside that of a bare message in its own process. */
export async function measureCpu({ relay, onlyEnqueues }: Bundles, load: LoadGenerator): Promise<void> {
  const before = await ofBareMessages();
  const ours = await ofRelay(relay, load);
  const host = await ofOnlyEnqueueing(onlyEnqueues, load);
  const after = await ofBareMessages();
  for (const count of senders) {
    const bare = mean([before[count], after[count]]);
    const many = count === 1 ? '1 sender' : `${count} senders`;
    report(
      `CPU per change, ${many}`,
      milliseconds(ours[count]),
      `bare sendMessage ${milliseconds(bare)}`,
      ours[count] / bare,
    );
    report(
      '  of that the host, with an app that only enqueues',
      milliseconds(host[count]),
      `bare sendMessage ${milliseconds(bare)}`,
      host[count] / bare,
    );
  }
}

async function ofBareMessages(): Promise<PerSenders> {
  const surroundings = await startSurroundings();
  const bare = startLoadGenerator();
  const target = {
    kind: 'message' as const,
    connectionString: surroundings.env.AzureWebJobsStorage ?? '',
  };
  try {
    await bare.make({ target, senders: 16, until: { count: warmUp } });
    const perMessage = async (count: keyof PerSenders) => {
      const { cpuMs, times } = await bare.make({ target, senders: count, until: { count: changes[count] } });
      return cpuMs / times.length;
    };
    return { 1: await perMessage(1), 16: await perMessage(16) };
  } finally {
    await bare.stop();
    await surroundings.stop();
  }
}

async function ofRelay(app: string, load: LoadGenerator): Promise<PerSenders> {
  const surroundings = await startSurroundings();
  const { sandbox } = surroundings;
  addCustomers(sandbox);
  const host = await startWatchedHost(app, { env: { ...surroundings.env, ...manyWrites } });
  try {
    const run = async (count: number, howMany: number) => {
      const { cpuMs } = await host.usage();
      const before = patches(sandbox);
      await load.make({ target: webhooksOf(host.url), senders: count, until: { count: howMany } });
      await untilApplied({ sandbox, host }, before, howMany);
      return ((await host.usage()).cpuMs - cpuMs) / howMany;
    };
    await run(16, warmUp);
    return { 1: await run(1, changes[1]), 16: await run(16, changes[16]) };
  } finally {
    await host.stop();
    await surroundings.stop();
  }
}

async function ofOnlyEnqueueing(app: string, load: LoadGenerator): Promise<PerSenders> {
  const surroundings = await startSurroundings();
  const host = await startWatchedHost(app, { env: surroundings.env });
  try {
    const run = async (count: number, howMany: number) => {
      const { cpuMs } = await host.usage();
      await load.make({ target: webhooksOf(host.url), senders: count, until: { count: howMany } });
      await untilQuiet(host);
      return ((await host.usage()).cpuMs - cpuMs) / howMany;
    };
    await run(16, warmUp);
    return { 1: await run(1, changes[1]), 16: await run(16, changes[16]) };
  } finally {
    await host.stop();
    await surroundings.stop();
  }
}
