/**
 * npm run console:screenshots: pictures of each page of the console, light and dark, into docs/console. The relay runs on
 * this machine, with a made-up day; a Chromium is needed (CHROMIUM, PATH).
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { Unusable } from '../cli/errors.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { appFolder } from '../src/app-folder.ts';
import { startBrowser, visit } from '../test/console/browser.ts';
import { findChromium } from '../test/console/chromium.ts';
import { type MadeUpDay, sendInHouse, sendMadeUpDay } from '../test/console/made-up-day.ts';
import { recordDay } from '../test/console/recorded-day.ts';
import { call, functionKey, untilNothingIsPending } from '../test/integration/operator.ts';
import { buildConsole } from './build/console.ts';

const usage = `usage: npm run console:screenshots
  makes docs/console/*.png`;
const folder = 'docs/console';

interface View {
  readonly name: string;
  readonly hash: string;
  /** What shows that everything has come. */
  readonly content: string;
  /** What to do first. */
  readonly first?: (page: Page) => Promise<void>;
  readonly isPhone?: true;
}

function viewsOf(day: MadeUpDay): readonly View[] {
  return [
    { name: 'now', hash: '#/now', content: '.rates tbody tr' },
    { name: 'issues', hash: '#/issues', content: '.issues > li' },
    { name: 'deliveries', hash: '#/deliveries', content: '.lines tbody tr' },
    {
      name: 'delivery',
      hash: `#/deliveries/${day.leftOut}`,
      content: '.timeline li',
      first: press('Compare'),
    },
    {
      name: 'customer',
      hash: '#/customers/10543',
      content: '.timeline-chart',
      first: press('Compare with DirectScale'),
    },
    { name: 'sources', hash: '#/sources', content: '.cards > li' },
    { name: 'links', hash: '#/links', content: '.lines tbody tr' },
    {
      name: 'mapping',
      hash: `#/mapping?source=partner&delivery=${day.unmappable}`,
      content: '.drafted tbody tr',
      first: correctMapping,
    },
    { name: 'acts', hash: '#/acts', content: '.lines tbody tr' },
    { name: 'phone', hash: '#/issues', content: '.issues > li', isPhone: true },
  ];
}

const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).click();

/** The fault of partner.jsonata, mended. */
async function correctMapping(page: Page): Promise<void> {
  const mapping = page.getByRole('textbox', { name: 'Mapping' });
  await mapping.fill(
    (await mapping.inputValue()).replace('EmailAdress', 'EmailAddress').replace(/\/\*.*\*\/\n/s, ''),
  );
  await page.locator('.drafted tr.added').waitFor();
}

await runProgram(usage, async (args) => {
  readArguments(args, {});
  const chromium = findChromium(process.env);
  if (!chromium) throw new Unusable('No Chromium was found: put one on the PATH, or name it in CHROMIUM.');
  await buildConsole(appFolder);
  const stack = await startStack({ relayConfig: 'test/console/relay.json', host: { functionKey } });
  const browser = await startBrowser(chromium);
  try {
    const day = await madeUpDay(stack);
    await mkdir(folder, { recursive: true });
    for (const view of viewsOf(day))
      for (const colours of ['light', 'dark'] as const) await picture(browser, stack.host.url, view, colours);
  } finally {
    await browser.close();
    await stack.stop();
  }
});

/** A day with something of everything. */
async function madeUpDay(stack: Stack): Promise<MadeUpDay> {
  const relay = stack.host.url;
  await recordDay(stack.env, 1500, new Date());
  const day = await sendMadeUpDay(stack);
  for (const lastName of ['Okafor', 'Okafor-Reyes', 'Reyes'])
    await sendInHouse(stack, '10543', { LastName: lastName, TextPhone: '+16135550143' });
  await untilNothingIsPending(relay);
  const operator = { 'X-Relay-Operator': 'Anna' };
  const links = {
    'shopify/7065064123456': '10542',
    'woocommerce/118': '10543',
    'shopify/7065064123999': '10544',
  };
  for (const [record, customerId] of Object.entries(links))
    await call(relay, `links/${record}`, {
      method: 'PUT',
      headers: operator,
      body: JSON.stringify({ customerId }),
    });
  const body = JSON.stringify({ note: 'wrong mapping, Anna corrects it' });
  await call(relay, 'pauses/source:partner', { method: 'PUT', headers: operator, body });
  await call(relay, `deliveries/${day.notFound[0]}/replay`, { method: 'POST', headers: operator });
  await untilNothingIsPending(relay);
  return day;
}

async function picture(
  browser: Browser,
  relay: string,
  view: View,
  colorScheme: 'light' | 'dark',
): Promise<void> {
  const viewport = view.isPhone ? { width: 390, height: 780 } : { width: 1200, height: 780 };
  const { page } = await visit(browser, relay, view.hash, { key: functionKey, colorScheme, viewport });
  await page.locator(view.content).first().waitFor({ state: 'attached' });
  await view.first?.(page);
  await page.locator('.loading').waitFor({ state: 'detached' });
  await page.waitForLoadState('networkidle');
  const path = join(folder, `${view.name}-${colorScheme}.png`);
  await page.screenshot({ path });
  console.log(path);
  await page.context().close();
}
