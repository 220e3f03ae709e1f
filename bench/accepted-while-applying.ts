import { startSurroundings } from '../local/stack.ts';
import { functionsOf, taking } from './accepted.ts';
import { patches } from './applied.ts';
import { perSecond, report } from './measure.ts';
import { type LoadGenerator, startLoadGenerator, startWatchedHost } from './processes/children.ts';
import { addCustomers, manyWrites, webhooksOf } from './shopify-webhook.ts';

const warmUp = 300;
const seconds = 5;
const senders = 16;

/** Taking and applying in two processes that share this machine, its storage emulator too: what they do in a second. */
export async function measureAcceptedWhileApplying(app: string, load: LoadGenerator): Promise<void> {
  const surroundings = await startSurroundings();
  const { sandbox } = surroundings;
  addCustomers(sandbox);
  const env = { ...surroundings.env, ...manyWrites };
  const names = await functionsOf(app, env);
  const takes = await startWatchedHost(app, { env, without: names.filter((name) => name !== taking) });
  const applies = await startWatchedHost(app, { env, without: [taking] });
  const bareLoad = startLoadGenerator();
  try {
    const target = webhooksOf(takes.url);
    await load.make({ target, senders, until: { count: warmUp } });
    const before = patches(sandbox);
    const taken = await load.make({ target, senders, until: { seconds } });
    const applied = (patches(sandbox) - before) / taken.seconds;
    const connectionString = surroundings.env.AzureWebJobsStorage ?? '';
    const bare = await bareLoad.make({
      target: { kind: 'message', connectionString },
      senders,
      until: { seconds },
    });
    const accepted = taken.times.length / taken.seconds;
    const bareRate = bare.times.length / bare.seconds;
    report(
      `accepted, ${senders} senders, applied on this machine`,
      `${perSecond(accepted)}, ${perSecond(applied)} applied`,
      `bare sendMessage beside it ${perSecond(bareRate)}`,
      accepted / bareRate,
    );
  } finally {
    await bareLoad.stop();
    await takes.stop();
    await applies.stop();
    await surroundings.stop();
  }
}
