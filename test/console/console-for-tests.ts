import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { type CountedStorage, countStorageCalls } from '../../bench/counting-proxy.ts';
import { startFunctionHost } from '../../local/function-host.ts';
import { type Stack, type Surroundings, startSurroundings } from '../../local/stack.ts';
import { buildConsole } from '../../scripts/build/console.ts';
import { appFolder } from '../../src/app-folder.ts';
import { functionKey } from '../integration/operator.ts';
import { quickRetries } from '../integration/relay-under-test.ts';
import { startBrowser, type Visit, type VisitOptions, visit } from './browser.ts';
import { findChromium } from './chromium.ts';

const chromium = findChromium(process.env);
if (!chromium && !process.env.CI)
  console.warn('No Chromium was found (CHROMIUM, PATH): the console is not tested in a browser here.');

/** Tests that need a browser: left out where there is none, but never in CI. */
export const describeInBrowser = describe.skipIf(!chromium && !process.env.CI);

export interface ConsoleForTests {
  readonly stack: Stack;
  /** How often the relay has called tables so far. */
  readonly tableCalls: number;
  /** Opens a view in a tab of its own, with the right key unless another one is given. */
  open(view: string, options?: VisitOptions): Promise<Page>;
}

/**
 * Gives the tests of the calling block a relay with the sources of relay.json in this folder, and a browser. Fails a test
 * whose page reported an error or asked anybody but the relay.
 */
export function consoleForTests(): ConsoleForTests {
  let surroundings: Surroundings | undefined;
  let storage: CountedStorage | undefined;
  let stack: Stack | undefined;
  let browser: Browser | undefined;
  let visits: Visit[] = [];
  beforeAll(async () => {
    if (!chromium) throw new Error('CI needs a Chromium: on the PATH, or where CHROMIUM says.');
    await buildConsole(appFolder);
    surroundings = await startSurroundings({ relayConfig: 'test/console/relay.json' });
    storage = await countStorageCalls(surroundings.env.AzureWebJobsStorage ?? '');
    const env = { ...surroundings.env, ...quickRetries, AzureWebJobsStorage: storage.connectionString };
    stack = { ...surroundings, host: await startFunctionHost({ functionKey, env }) };
    browser = await startBrowser(chromium);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.host.stop();
    await storage?.close();
    await surroundings?.stop();
  });
  afterEach(async () => {
    const left = visits;
    visits = [];
    await Promise.all(left.map(({ page }) => page.context().close()));
    expect(left.flatMap(({ faults }) => faults)).toEqual([]);
    expect(left.flatMap(({ elsewhere }) => elsewhere)).toEqual([]);
  });
  return {
    get stack() {
      if (!stack) throw new Error('the relay runs in hooks and tests only');
      return stack;
    },
    get tableCalls() {
      const { tables = 0, pauses = 0 } = storage?.calls ?? {};
      return tables + pauses;
    },
    async open(view, options) {
      if (!browser || !stack) throw new Error('the browser runs in hooks and tests only');
      const opened = await visit(browser, stack.host.url, view, { key: functionKey, ...options });
      visits.push(opened);
      opened.page.setDefaultTimeout(15_000);
      return opened.page;
    },
  };
}
