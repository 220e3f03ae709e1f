import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { startSurroundings } from '../local/stack.ts';
import { patches, untilApplied, untilQuiet } from './applied.ts';
import type { Bundles } from './bundles.ts';
import { mebibytes, report } from './measure.ts';
import { type LoadGenerator, startWatchedHost, type WatchedHost } from './processes/children.ts';
import type { Usage } from './processes/usage.ts';
import { addCustomers, manyWrites, webhooksOf } from './shopify-webhook.ts';

const webhooks = 5000;
const senders = 16;
const restMs = 3000;
/** What V8 allows itself on an instance of 512 MB. By itself it takes what this machine's memory allows: 128 MB and more for young objects alone. */
const asWith512MB = '--max-old-space-size=256 --max-semi-space-size=1';

/** Memory of one process that takes and applies, with telemetry as in Azure, beside an app that only enqueues. */
export async function measureMemory({ relay, onlyEnqueues }: Bundles, load: LoadGenerator): Promise<void> {
  const insights = await startApplicationInsights();
  const surroundings = await startSurroundings();
  const { sandbox } = surroundings;
  addCustomers(sandbox);
  const env = { ...surroundings.env, ...manyWrites, ...insights.env };
  try {
    const ours = await beforeAndAfter(relay, env, async (host) => {
      const before = patches(sandbox);
      await load.make({ target: webhooksOf(host.url), senders, until: { count: webhooks } });
      await untilApplied({ sandbox, host }, before, webhooks);
    });
    const bare = await beforeAndAfter(onlyEnqueues, env, async (host) => {
      await load.make({ target: webhooksOf(host.url), senders, until: { count: webhooks } });
      await untilQuiet(host);
    });
    const compare = (what: string, a: Usage, b: Usage) =>
      report(what, textOf(a), `only enqueues: ${textOf(b)}`, a.rss / b.rss);
    compare('memory, V8 as with 512 MB, before the first', ours.before, bare.before);
    compare(`memory, V8 as with 512 MB, after ${webhooks}`, ours.after, bare.after);
  } finally {
    await surroundings.stop();
    await insights.close();
  }
}

const textOf = ({ rss, heap, external }: Usage): string =>
  `${mebibytes(rss)} (heap ${Math.round(heap / 2 ** 20)}, external ${Math.round(external / 2 ** 20)})`;

async function beforeAndAfter(
  app: string,
  env: Readonly<Record<string, string>>,
  work: (host: WatchedHost) => Promise<void>,
): Promise<{ readonly before: Usage; readonly after: Usage }> {
  const host = await startWatchedHost(app, { env, nodeOptions: asWith512MB });
  try {
    await delay(restMs);
    const before = await host.usage();
    await work(host);
    await delay(restMs);
    return { before, after: await host.usage() };
  } finally {
    await host.stop();
  }
}

/** Takes what the exporter for Application Insights sends, and keeps nothing of it. */
async function startApplicationInsights() {
  const server = createServer((request, response) => {
    json(request).then(
      (items) => {
        const count = Array.isArray(items) ? items.length : 1;
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ itemsReceived: count, itemsAccepted: count, errors: [] }));
      },
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  return {
    env: {
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=http://127.0.0.1:${port}/`,
      // Its own usage statistics would go to Microsoft.
      APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
