import type { Browser } from 'playwright-core';
import type { ChangeList } from '../console/relay/answers.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { buildConsole } from '../scripts/build/console.ts';
import { appFolder } from '../src/app-folder.ts';
import { startBrowser, visit } from '../test/console/browser.ts';
import { findChromium } from '../test/console/chromium.ts';
import { recordDay } from '../test/console/recorded-day.ts';
import { call } from '../test/integration/operator.ts';
import { median, milliseconds, report } from './measure.ts';

const deliveries = 10_000;
const times = 5;

/** Each page of the console with 10,000 deliveries of a day, 500 of them parked for seven causes. */
export async function measureConsole(app: string): Promise<void> {
  const chromium = findChromium(process.env);
  if (!chromium) {
    console.log('The console is not measured: no Chromium was found (CHROMIUM, PATH).');
    return;
  }
  const bytes = await buildConsole(appFolder);
  report('the console, gzipped', `${(bytes / 1000).toFixed(1)} kB`, 'at most 60 kB');
  const stack = await startStack({ relayConfig: 'test/console/relay.json', host: { app } });
  const browser = await startBrowser(chromium);
  try {
    await recordDay(stack.env, deliveries, new Date());
    for (const { name, hash, content } of await viewsOf(stack)) {
      const shown: Shown[] = [];
      while (shown.length < times) shown.push(await timeToShow(browser, stack.host.url, hash, content));
      const ms = shown.map((one) => one.ms);
      const bare = median(shown.map(({ bareMs }) => bareMs));
      report(
        `console, ${name}: answer to shown`,
        `${milliseconds(median(ms))}, at most ${milliseconds(Math.max(...ms))}`,
        `${milliseconds(bare)}: the same ${shown[0]?.elements ?? 0} elements as a finished page`,
        median(ms) / bare,
      );
    }
  } finally {
    await browser.close();
    await stack.stop();
  }
}

async function viewsOf({ host }: Stack) {
  const answer = await call(host.url, 'deliveries?status=parked&source=shopify&limit=1');
  const { changes } = (await answer.json()) as ChangeList; // as the API describes it
  const { deliveryId = '', customerId = '' } = changes[0] ?? {};
  return [
    { name: 'now', hash: '#/now', content: '.rates tbody tr' },
    { name: 'issues', hash: '#/issues', content: '.issues > li' },
    { name: 'deliveries', hash: '#/deliveries', content: '.lines tbody tr' },
    { name: 'parked deliveries', hash: '#/deliveries?status=parked', content: '.lines tbody tr' },
    { name: 'delivery', hash: `#/deliveries/${deliveryId}`, content: '.timeline li' },
    { name: 'customer', hash: `#/customers/${customerId}`, content: '.timeline-chart, .part .empty' },
    { name: 'sources', hash: '#/sources', content: '.cards > li' },
    { name: 'links', hash: '#/links', content: '.empty' },
    { name: 'mapping', hash: `#/mapping?source=shopify&delivery=${deliveryId}`, content: '.result .badge' },
    { name: 'acts', hash: '#/acts', content: '.lines tbody tr, .empty' },
  ];
}

interface Shown {
  /** Until the frame after the content is there, from the end of the last answer that came before it. */
  readonly ms: number;
  /** Until the frame after the same elements are put into an empty page at once. */
  readonly bareMs: number;
  readonly elements: number;
}

async function timeToShow(browser: Browser, relay: string, hash: string, content: string): Promise<Shown> {
  const { page } = await visit(browser, relay, '#/no-such-page', { key: '' });
  const ms = await page.evaluate<number>(`new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('nothing was shown within 30 s')), 30_000);
    const look = () => {
      if (!document.querySelector(${JSON.stringify(content)})) return requestAnimationFrame(look);
      requestAnimationFrame(() => {
        const now = performance.now();
        const answers = performance.getEntriesByType('resource').filter(({ initiatorType }) => initiatorType === 'fetch');
        resolve(now - Math.max(0, ...answers.map(({ responseEnd }) => responseEnd).filter((end) => end <= now)));
      });
    };
    location.hash = ${JSON.stringify(hash)};
    requestAnimationFrame(look);
  })`);
  const { bareMs, elements } = await page.evaluate<Omit<Shown, 'ms'>>(`new Promise((resolve) => {
    const { body } = document;
    const elements = body.querySelectorAll('*').length;
    // Copies: the page's policy forbids to make elements of a text.
    const finished = [...body.children].map((child) => child.cloneNode(true));
    body.replaceChildren();
    requestAnimationFrame(() => {
      const start = performance.now();
      body.append(...finished);
      requestAnimationFrame(() =>
        requestAnimationFrame(() => resolve({ bareMs: performance.now() - start, elements })),
      );
    });
  })`);
  await page.context().close();
  return { ms, bareMs, elements };
}
