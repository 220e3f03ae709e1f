import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Starts a Chromium: without a sandbox, as root in a container needs it, and without calls of its own. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
}

export interface Visit {
  readonly page: Page;
  /** What the page or the browser found wrong: errors, and what the content security policy refused. */
  readonly faults: readonly string[];
  /** Requests to anybody but the relay. */
  readonly elsewhere: readonly string[];
}

export interface VisitOptions extends BrowserContextOptions {
  /** The function key that is entered already; absent: none. */
  readonly key?: string | undefined;
  readonly operator?: string;
}

/** A tab of its own at a view of the console, `#/deliveries`, of a viewer in Berlin. */
export async function visit(
  browser: Browser,
  relay: string,
  view: string,
  { key, operator = 'Anna', ...options }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const elsewhere: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => {
    // That an answer is a refusal is what the pages show.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${relay}/api/`)) elsewhere.push(request.url());
  });
  if (key !== undefined)
    await page.addInitScript((session) => {
      if (sessionStorage.getItem('customer-relay') === null)
        sessionStorage.setItem('customer-relay', session);
    }, `${key}\n${operator}`);
  await page.goto(`${relay}/api/console${view}`);
  return { page, faults, elsewhere };
}
