import { localSecret } from '../local/sender.ts';
import { startSurroundings } from '../local/stack.ts';
import { patches, untilApplied, untilQuiet } from './applied.ts';
import type { Bundles } from './bundles.ts';
import { mean, milliseconds, report } from './measure.ts';
import { type LoadGenerator, startLoadGenerator, startWatchedHost } from './processes/children.ts';
import { addCustomers, manyWrites, toVerifyAndMap, webhooksOf } from './shopify-webhook.ts';

/** Until the compiler has seen what is run often: its own time is none of a change's. */
const warmUp = 2400;
const rounds = 3;
const changes = { 1: 200, 16: 600 } as const;
const manySenders = [1, 16] as const;

/**
 * CPU of the relay's process per change, from the webhook to the PATCH, beside that of a bare message in its own process; and
 * what is not the relay's: of an app that only enqueues, of one that makes the relay's calls and nothing else, and of one that
 * verifies and maps, too.
 */
export async function measureCpu(
  { relay, onlyEnqueues, sameCalls, verifyAndMap }: Bundles,
  load: LoadGenerator,
): Promise<void> {
  const bare = await bareMessages();
  const apps = {
    'CPU per change': await changesOf(relay, load, true),
    '  an app that only enqueues': await changesOf(onlyEnqueues, load, false),
    "  an app that only makes the relay's calls": await changesOf(sameCalls, load, true),
    '  an app that makes them, verifies and maps': await changesOf(verifyAndMap, load, true),
  };
  const contenders = [bare, ...Object.values(apps)];
  try {
    for (const { use } of contenders) await use(16, warmUp);
    for (const senders of manySenders) {
      const used = await inTurns(contenders, senders);
      const ofBare = mean(used.get(bare) ?? []);
      const many = senders === 1 ? '1 sender' : `${senders} senders`;
      for (const [what, app] of Object.entries(apps)) {
        const ofApp = mean(used.get(app) ?? []);
        const beside = `bare sendMessage ${milliseconds(ofBare)}`;
        report(`${what}, ${many}`, milliseconds(ofApp), beside, ofApp / ofBare);
      }
    }
  } finally {
    for (const { stop } of contenders) await stop();
  }
}

interface Contender {
  /** Processor time of the process for each of so many changes, in ms. */
  use(senders: number, count: number): Promise<number>;
  stop(): Promise<void>;
}

/** In turns, so that a busy machine slows all of them. */
async function inTurns(
  contenders: readonly Contender[],
  senders: (typeof manySenders)[number],
): Promise<Map<Contender, number[]>> {
  const used = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++)
    for (const [contender, each] of used) each.push(await contender.use(senders, changes[senders]));
  return used;
}

async function bareMessages(): Promise<Contender> {
  const surroundings = await startSurroundings();
  const bare = startLoadGenerator();
  const target = {
    kind: 'message' as const,
    connectionString: surroundings.env.AzureWebJobsStorage ?? '',
  };
  return {
    async use(senders, count) {
      const { cpuMs, times } = await bare.make({ target, senders, until: { count } });
      return cpuMs / times.length;
    },
    async stop() {
      await bare.stop();
      await surroundings.stop();
    },
  };
}

/** `applies`: each webhook becomes a PATCH. */
async function changesOf(app: string, load: LoadGenerator, applies: boolean): Promise<Contender> {
  const surroundings = await startSurroundings();
  const { sandbox } = surroundings;
  addCustomers(sandbox);
  const ownKey = { SUBSCRIPTION_KEY: localSecret('directscale-subscription-key') };
  const host = await startWatchedHost(app, {
    env: { ...surroundings.env, ...manyWrites, ...toVerifyAndMap, ...ownKey },
  });
  return {
    async use(senders, count) {
      const { cpuMs } = await host.usage();
      const before = patches(sandbox);
      await load.make({ target: webhooksOf(host.url), senders, until: { count } });
      if (applies) await untilApplied({ sandbox, host }, before, count);
      else await untilQuiet(host);
      return ((await host.usage()).cpuMs - cpuMs) / count;
    },
    async stop() {
      await host.stop();
      await surroundings.stop();
    },
  };
}
