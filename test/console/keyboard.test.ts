import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { untilNothingIsPending } from '../integration/operator.ts';
import { newCustomer } from '../integration/relay-under-test.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { sendInHouse, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('the console by keyboard alone', () => {
  const console = consoleForTests();
  beforeAll(async () => {
    await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
  });

  const press = async (page: Page, ...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = (page: Page) =>
    page.evaluate<string>(
      'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
    );

  test('g and a letter go to a page', async () => {
    const page = await console.open('#/links');
    await page.getByRole('heading', { level: 1, name: 'Links' }).waitFor();
    for (const [key, title] of [
      ['d', 'Deliveries'],
      ['s', 'Sources'],
      ['i', 'Issues'],
      ['n', 'Now'],
    ] as const) {
      await press(page, 'g', key);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
    }
  });

  test('j and k go from line to line, Enter opens one, / leads to the filter', async () => {
    const page = await console.open('#/deliveries');
    await page.locator('[data-line]').first().waitFor();
    await press(page, 'j', 'j');
    const second = await focused(page);
    await press(page, 'j', 'k');
    expect(await focused(page)).toBe(second);
    await press(page, 'Enter');
    await page.getByRole('heading', { level: 1, name: 'Delivery' }).waitFor();
    expect(second).toContain(`Delivery ${page.url().split('/').at(-1)}`);

    await press(page, 'g', 'd');
    await page.locator('[data-line]').first().waitFor();
    await press(page, '/');
    await page.keyboard.type('10545');
    await press(page, 'Enter');
    await expect.poll(() => page.url()).toContain('customer=10545');
  });

  test('a letter that is typed into a field is a letter', async () => {
    const page = await console.open('#/deliveries');
    await page.locator('[data-line]').first().waitFor();
    await press(page, '/');
    await page.keyboard.type('gd?jr');
    expect(await page.getByLabel('Customer').inputValue()).toBe('gd?jr');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('? tells every key, Esc closes it and the focus goes back', async () => {
    const page = await console.open('#/deliveries');
    await page.locator('[data-line]').first().waitFor();
    await press(page, 'j');
    const before = await focused(page);
    await press(page, '?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('go to Deliveries').waitFor();
    await press(page, 'Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe(before);
  });

  test('r replays the line that has the focus, after it has asked', async () => {
    const customerId = newCustomer(console.stack);
    console.stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 400, times: 1 });
    await sendInHouse(console.stack, customerId, { FirstName: 'Tomoko' });
    await untilNothingIsPending(console.stack.host.url);
    const page = await console.open(`#/deliveries?customer=${customerId}`);
    await page.locator('[data-line]').first().waitFor();
    await press(page, 'j', 'r');
    await page.getByRole('dialog', { name: 'Replay this delivery?' }).waitFor();
    // What changes nothing has the focus first.
    expect(await focused(page)).toBe('Leave it');
    await press(page, 'Tab', 'Enter');
    await expect.poll(() => console.stack.sandbox.customers.get(customerId)?.FirstName).toBe('Tomoko');
  });

  test('whoever tabs comes past the menu, and sees where the focus is', async () => {
    const page = await console.open('#/deliveries');
    await page.locator('[data-line]').first().waitFor();
    // The title of a new page has the focus, so that Tab goes on within the page.
    expect(await focused(page)).toContain('Deliveries');
    await page.getByRole('button', { name: 'To the page' }).focus();
    await press(page, 'Enter', 'Tab');
    expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
  });
});
