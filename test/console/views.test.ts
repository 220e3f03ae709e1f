import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { call, untilNothingIsPending } from '../integration/operator.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { type MadeUpDay, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('every view of the console', () => {
  const console = consoleForTests();
  let day: MadeUpDay;
  let axe: string;
  beforeAll(async () => {
    day = await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
    const link = { method: 'PUT', body: '{"customerId":"10542"}' };
    await call(console.stack.host.url, 'links/shopify/7065064123456', link);
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  });

  /** The title of each view, and what shows that its content has come. */
  const views = [
    ['Now', '#/now', '.rates tbody tr'],
    ['Issues', '#/issues', '.issues > li'],
    ['Deliveries', '#/deliveries', '.lines tbody tr'],
    ['Deliveries', '#/deliveries?status=parked&source=shopify', '.lines tbody tr'],
    ['Delivery', '#/deliveries/<delivery>', '.timeline li'],
    ['Customers', '#/customers', '.empty'],
    ['Customer 10543', '#/customers/10543', '.timeline-chart'],
    ['Sources', '#/sources', '.cards > li'],
    ['Links', '#/links', '.lines tbody tr'],
    ['Mapping', '#/mapping?source=partner&delivery=<unmappable>', '.drafted tbody tr'],
    ['Acts', '#/acts', '.lines tbody tr'],
  ] as const;

  const addressOf = (view: string) =>
    view.replace('<delivery>', day.leftOut).replace('<unmappable>', day.unmappable);

  async function shown(page: Page, title: string, content: string): Promise<void> {
    await page.getByRole('heading', { level: 1, name: title, exact: false }).waitFor();
    await page.locator(content).first().waitFor({ state: 'attached' });
  }

  describe.each(views)('%s, %s', (title, view, content) => {
    test('shows the same after a reload, and when back leads to it', async () => {
      const page = await console.open(addressOf(view));
      await shown(page, title, content);
      expect(await page.title()).toBe(`${title} · Customer Relay`);
      const text = await page.locator('h1').textContent();
      await page.reload();
      await shown(page, title, content);
      expect(await page.locator('h1').textContent()).toBe(text);
      await page
        .getByRole('navigation', { name: 'Pages', exact: true })
        .getByRole('link', { name: title === 'Acts' ? 'Sources' : 'Acts' })
        .click();
      await page.goBack();
      await shown(page, title, content);
      expect(page.url().endsWith(addressOf(view))).toBe(true);
    });

    test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
      const page = await console.open(addressOf(view), { colorScheme });
      await shown(page, title, content);
      await page.evaluate(axe);
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    });

    test('fits a phone: nothing has to be moved sideways', async () => {
      const page = await console.open(addressOf(view), { viewport: { width: 360, height: 740 } });
      await shown(page, title, content);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    });
  });

  test('the entry of the key: axe finds nothing serious, and it fits a phone', async () => {
    const page = await console.open('#/now', { key: undefined, viewport: { width: 360, height: 740 } });
    await page.getByLabel('Function key').waitFor();
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  });

  test('an address that leads nowhere is said', async () => {
    const page = await console.open('#/no-such-page');
    await page.getByText('The console has no page of this address.').waitFor();
  });

  test('light and dark are kept for the next visit', async () => {
    const page = await console.open('#/links', { colorScheme: 'light' });
    const colours = page.getByRole('button', { name: /^Colours/ });
    await colours.click();
    await colours.click();
    await colours.getByText('dark').waitFor();
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = 'rgb(245, 246, 249)';
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    await page.reload();
    await colours.getByText('dark').waitFor();
    expect(await ground()).toBe(dark);
    await colours.click();
    await expect.poll(ground).toBe(light);
  });
});
