import { localSecret } from '../local/sender.ts';
import { startSurroundings } from '../local/stack.ts';
import { patches, untilApplied, untilQuiet } from './applied.ts';
import type { Bundles } from './bundles.ts';
import { mean, milliseconds, report } from './measure.ts';
import { type LoadGenerator, startLoadGenerator, startWatchedHost } from './processes/children.ts';
import { addCustomers, manyWrites, toVerifyAndMap, webhooksOf } from './shopify-webhook.ts';

/** Until the compiler has seen what is run often: its own time is none of a change's. */
const warmUp = 2400;
const changes = { 1: 300, 16: 800 } as const;
const senders = [1, 16] as const;
type PerSenders = Record<(typeof senders)[number], number>;

/**
 * CPU of the relay's process per change, from the webhook to the PATCH, beside that of a bare message in its own process; and
 * what is not the relay's: of an app that only enqueues, of one that makes the relay's calls and nothing else, and of one that
 * verifies and maps, too.
 */
export async function measureCpu(
  { relay, onlyEnqueues, sameCalls, verifyAndMap }: Bundles,
  load: LoadGenerator,
): Promise<void> {
  const before = await ofBareMessages();
  const apps = {
    'CPU per change': await ofApp(relay, load, true),
    '  an app that only enqueues': await ofApp(onlyEnqueues, load, false),
    "  an app that only makes the relay's calls": await ofApp(sameCalls, load, true),
    '  an app that makes them, verifies and maps': await ofApp(verifyAndMap, load, true),
  };
  const after = await ofBareMessages();
  for (const count of senders) {
    const bare = mean([before[count], after[count]]);
    const many = count === 1 ? '1 sender' : `${count} senders`;
    for (const [what, used] of Object.entries(apps)) {
      const beside = `bare sendMessage ${milliseconds(bare)}`;
      report(`${what}, ${many}`, milliseconds(used[count]), beside, used[count] / bare);
    }
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

/** `applies`: each webhook becomes a PATCH. */
async function ofApp(app: string, load: LoadGenerator, applies: boolean): Promise<PerSenders> {
  const surroundings = await startSurroundings();
  const { sandbox } = surroundings;
  addCustomers(sandbox);
  const ownKey = { SUBSCRIPTION_KEY: localSecret('directscale-subscription-key') };
  const host = await startWatchedHost(app, {
    env: { ...surroundings.env, ...manyWrites, ...toVerifyAndMap, ...ownKey },
  });
  try {
    const run = async (count: number, howMany: number) => {
      const { cpuMs } = await host.usage();
      const before = patches(sandbox);
      await load.make({ target: webhooksOf(host.url), senders: count, until: { count: howMany } });
      if (applies) await untilApplied({ sandbox, host }, before, howMany);
      else await untilQuiet(host);
      return ((await host.usage()).cpuMs - cpuMs) / howMany;
    };
    await run(16, warmUp);
    return { 1: await run(1, changes[1]), 16: await run(16, changes[16]) };
  } finally {
    await host.stop();
    await surroundings.stop();
  }
}
