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
import { addCustomers, manyWrites, toVerifyAndMap, webhooksOf } from './shopify-webhook.ts';

/** Until the compiler has seen what is run often. */
const warmUp = 3000;
const seconds = 2.5;
const rounds = 2;
const manySenders = [16, 50] as const;
/** The function that takes webhooks. */
export const taking = 'webhooks';

/**
 * What the function that takes webhooks accepts, in a process without the functions that apply changes: Azure scales
 * each on instances of its own. Beside it bare messages into the same storage, Express with Shopify's own library, and three
 * functions that nothing in Azure Functions can outdo: one that only answers, one that shares a write as the relay does, and
 * one that verifies the signature before. None of them reads, names or reports anything.
 */
export async function measureAccepted(apps: Bundles, load: LoadGenerator): Promise<void> {
  await withContenders(apps, load, compareLatency);
  for (const senders of manySenders)
    await withContenders(apps, load, (contenders) => compareAccepted(senders, contenders));
}

/** With a storage of their own: the emulator stands still when it tidies up a minute's messages. */
async function withContenders(
  { relay: app, onlyAnswers, sameCalls, verifyAndMap }: Bundles,
  load: LoadGenerator,
  compare: (contenders: Contenders) => Promise<void>,
): Promise<void> {
  const surroundings = await startSurroundings();
  addCustomers(surroundings.sandbox);
  const env = { ...surroundings.env, ...manyWrites, ...toVerifyAndMap };
  const express = startChild('express-with-shopify.ts');
  const bareLoad = startLoadGenerator();
  const names = await functionsOf(app, env);
  const host = await startWatchedHost(app, { env, without: names.filter((name) => name !== taking) });
  const nothing = await startWatchedHost(onlyAnswers, { env });
  const sharing = await startWatchedHost(sameCalls, { env, without: ['applySame'] });
  const verifying = await startWatchedHost(verifyAndMap, { env, without: ['applySame'] });
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
      sharing: generator(load, webhooksOf(sharing.url)),
      verifying: generator(load, webhooksOf(verifying.url)),
    };
    for (const contender of Object.values(contenders)) await contender(16, { count: warmUp });
    await compare(contenders);
  } finally {
    await verifying.stop();
    await sharing.stop();
    await nothing.stop();
    await host.stop();
    await express.stop();
    await bareLoad.stop();
    await surroundings.stop();
  }
}

type Contender = (senders: number, until: Load['until']) => Promise<LoadResult>;
type Contenders = Readonly<Record<'relay' | keyof typeof others, Contender>>;

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

/** What the relay stands beside. */
const others = {
  bare: 'bare sendMessage',
  express: "Express with Shopify's library",
  nothing: 'a function that only answers',
  sharing: 'a function that only shares the write',
  verifying: 'a function that only verifies and shares the write',
} as const;

async function compareLatency(contenders: Contenders): Promise<void> {
  const names = ['bare', 'relay', 'nothing', 'sharing', 'verifying'] as const;
  const times = await inTurns(names, contenders, 8, ({ times }) => times);
  for (const [what, share] of [
    ['median', 0.5],
    ['p99', 0.99],
  ] as const) {
    const ours = percentile(times.relay, share);
    for (const name of ['bare', 'nothing', 'sharing', 'verifying'] as const) {
      const theirs = percentile(times[name], share);
      const label = name === 'bare' ? `202 at 8 senders, ${what}` : '';
      report(label, label && milliseconds(ours), `${others[name]} ${milliseconds(theirs)}`, ours / theirs);
    }
  }
}

async function compareAccepted(senders: number, contenders: Contenders): Promise<void> {
  const names = ['bare', 'relay', 'express', 'nothing', 'sharing', 'verifying'] as const;
  const rates = await inTurns(names, contenders, senders, (result) => [rate(result)]);
  const ours = mean(rates.relay);
  for (const name of ['bare', 'express', 'nothing', 'sharing', 'verifying'] as const) {
    const label = name === 'bare' ? `accepted, ${senders} senders, applied elsewhere` : '';
    const theirs = mean(rates[name]);
    report(label, label && perSecond(ours), `${others[name]} ${perSecond(theirs)}`, ours / theirs);
  }
}

/** In turns, so that a busy machine slows all of them. */
async function inTurns<Name extends keyof Contenders>(
  names: readonly Name[],
  contenders: Contenders,
  senders: number,
  take: (result: LoadResult) => number[],
): Promise<Record<Name, number[]>> {
  const taken = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) taken.get(name)?.push(...take(await contenders[name](senders, { seconds })));
  return Object.fromEntries(taken) as Record<Name, number[]>; // has each name
}
