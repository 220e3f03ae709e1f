import * as z from 'zod';
import { startSurroundings } from '../local/stack.ts';
import type { Bundles } from './bundles.ts';
import { mean, milliseconds, percentile, perSecond, report } from './measure.ts';
import {
  ask,
  type LoadGenerator,
  startChild,
  startLoadGenerator,
  startWatchedHost,
} from './processes/children.ts';
import type { Load, LoadResult } from './processes/load.ts';
import { addCustomers, manyWrites, webhooksOf } from './shopify-webhook.ts';

const warmUp = 600;
const seconds = 2.5;
const rounds = 2;
const manySenders = [16, 50] as const;
/** The function that takes webhooks. */
export const taking = 'webhooks';

/**
 * What the function that takes webhooks accepts, in a process without the functions that apply changes: Azure scales
 * each on instances of its own. Beside it bare messages into the same storage, Express with Shopify's own library, and
 * what a function comes to that does nothing: nothing in Azure Functions takes more.
 */
export async function measureAccepted(
  { relay: app, onlyAnswers }: Bundles,
  load: LoadGenerator,
): Promise<void> {
  const surroundings = await startSurroundings();
  addCustomers(surroundings.sandbox);
  const env = { ...surroundings.env, ...manyWrites };
  const express = startChild('express-with-shopify.ts');
  const bareLoad = startLoadGenerator();
  const names = await functionsOf(app, env);
  const host = await startWatchedHost(app, { env, without: names.filter((name) => name !== taking) });
  const nothing = await startWatchedHost(onlyAnswers, { env });
  try {
    const { url } = await ask(express.process, {}, z.object({ url: z.url() }));
    const contenders = {
      relay: generator(load, webhooksOf(host.url)),
      bare: generator(bareLoad, {
        kind: 'message',
        connectionString: surroundings.env.AzureWebJobsStorage ?? '',
      }),
      express: generator(load, { kind: 'webhook', url, expectedStatus: 200 }),
      nothing: generator(load, webhooksOf(nothing.url)),
    };
    for (const contender of Object.values(contenders)) await contender(16, { count: warmUp });
    await compareLatency(contenders);
    for (const senders of manySenders) await compareAccepted(senders, contenders);
  } finally {
    await nothing.stop();
    await host.stop();
    await express.stop();
    await bareLoad.stop();
    await surroundings.stop();
  }
}

type Contender = (senders: number, until: Load['until']) => Promise<LoadResult>;
type Contenders = Readonly<Record<'relay' | 'bare' | 'express' | 'nothing', Contender>>;

const generator =
  (load: LoadGenerator, target: Load['target']): Contender =>
  (senders, until) =>
    load.make({ target, senders, until });

/** The functions of an app. */
export async function functionsOf(
  app: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const host = await startWatchedHost(app, { env });
  await host.stop();
  return host.functions;
}

const rate = ({ times, seconds }: LoadResult): number => times.length / seconds;

async function compareLatency({ relay, bare, nothing }: Contenders): Promise<void> {
  const until = { seconds };
  const results = { relay: [] as number[], bare: [] as number[], nothing: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    results.bare.push(...(await bare(8, until)).times);
    results.relay.push(...(await relay(8, until)).times);
    results.nothing.push(...(await nothing(8, until)).times);
  }
  for (const [name, share] of [
    ['median', 0.5],
    ['p99', 0.99],
  ] as const) {
    const [ours, theirs, least] = [results.relay, results.bare, results.nothing].map((times) =>
      percentile(times, share),
    ) as [number, number, number];
    report(
      `202 at 8 senders, ${name}`,
      milliseconds(ours),
      `bare enqueue ${milliseconds(theirs)}`,
      ours / theirs,
    );
    report('', '', `a function that only answers ${milliseconds(least)}`, ours / least);
  }
}

async function compareAccepted(senders: number, contenders: Contenders): Promise<void> {
  const rates = {
    relay: [] as number[],
    bare: [] as number[],
    express: [] as number[],
    nothing: [] as number[],
  };
  // In turns, so that a busy machine slows all of them.
  for (let round = 0; round < rounds; round++) {
    for (const name of ['bare', 'relay', 'express', 'nothing'] as const) {
      rates[name].push(rate(await contenders[name](senders, { seconds })));
    }
  }
  const ours = mean(rates.relay);
  const what = `accepted, ${senders} senders, applied elsewhere`;
  report(what, perSecond(ours), `bare sendMessage ${perSecond(mean(rates.bare))}`, ours / mean(rates.bare));
  report(
    '',
    '',
    `Express with Shopify's library ${perSecond(mean(rates.express))}`,
    ours / mean(rates.express),
  );
  report(
    '',
    '',
    `a function that only answers ${perSecond(mean(rates.nothing))}`,
    ours / mean(rates.nothing),
  );
}
