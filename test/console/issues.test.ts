import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { changesOf, untilNothingIsPending } from '../integration/operator.ts';
import { newCustomer } from '../integration/relay-under-test.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { sendInHouse, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('issues in the console', () => {
  const console = consoleForTests();
  beforeAll(async () => {
    await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
  });

  const issue = (page: Page, ...texts: readonly string[]) =>
    texts.reduce((found, hasText) => found.filter({ hasText }), page.locator('.issues > li'));

  test('what is parked and what was left out, by cause: how much, how many customers, what to do', async () => {
    const page = await console.open('#/issues');
    const notFound = issue(page, 'customer-not-found', 'shopify');
    await notFound.waitFor();
    expect(await notFound.textContent()).toMatch(/changes3customers3/);
    expect(await notFound.textContent()).toContain('Correct the id, link the record, or create the customer');
    expect(await issue(page, 'rejected', 'in-house').textContent()).toContain(
      'CompanyName must not hold a legal form',
    );
    const leftOut = page.getByRole('region', { name: 'Left out' });
    expect(await leftOut.textContent()).toMatch(/PrimaryPhone.*is not a phone number/);
  });

  test('one leads to its deliveries', async () => {
    const page = await console.open('#/issues');
    await issue(page, 'customer-not-found', 'shopify').getByRole('link').click();
    await expect.poll(() => page.locator('.lines tbody tr').count()).toBe(3);
  });

  test('all of one cause is replayed, after it was said how much that is; the others are left alone', async () => {
    const { stack } = console;
    const customers = [newCustomer(stack), newCustomer(stack)];
    const words = 'FirstName is blocked today';
    for (const customerId of customers) {
      const headers = { 'X-DirectScale-Message': words, 'X-DirectScale-RequestId': 'r-1' };
      stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 400, headers, times: 1 });
      await sendInHouse(stack, customerId, { FirstName: 'Ines' });
    }
    await untilNothingIsPending(stack.host.url);
    const parked = (await changesOf(stack.host.url, { status: 'parked' })).length;

    const page = await console.open('#/issues');
    await issue(page, words).getByRole('button', { name: 'Replay all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay 2 changes?' });
    expect(await dialog.textContent()).toContain('2 changes of 2 customers, in 2 deliveries');
    expect(customers.map((id) => stack.sandbox.customers.get(id)?.FirstName)).not.toContain('Ines');
    await dialog.getByRole('button', { name: 'Replay 2' }).click();
    await page.getByText('Replayed 2 deliveries: rejected of in-house.').waitFor();
    await untilNothingIsPending(stack.host.url);
    expect(customers.map((id) => stack.sandbox.customers.get(id)?.FirstName)).toEqual(['Ines', 'Ines']);
    expect(await changesOf(stack.host.url, { status: 'parked' })).toHaveLength(parked - 2);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await issue(page, words).waitFor({ state: 'detached' });
  });

  test('one that is muted is away from the open ones, and can be found and opened again', async () => {
    const { stack } = console;
    const customerId = newCustomer(stack);
    await sendInHouse(stack, customerId, { LanguageCode: 'Klingon', FirstName: 'Worf' });
    await untilNothingIsPending(stack.host.url);
    const page = await console.open('#/issues');
    const klingon = issue(page, 'in-house', 'LanguageCode');
    await klingon.getByRole('button', { name: 'Mute' }).click();
    await klingon.waitFor({ state: 'detached' });
    await page.getByLabel('Show').selectOption('muted');
    expect(page.url()).toContain('show=muted');
    await klingon.getByRole('button', { name: 'Unmute' }).click();
    await page.getByText('No such issue.').waitFor();
    await page.getByLabel('Show').selectOption('open');
    await klingon.waitFor();
  });

  test('those of one source alone', async () => {
    const page = await console.open('#/issues?source=partner');
    await page.locator('.issues > li').first().waitFor();
    expect(await page.locator('.issues > li').filter({ hasNotText: 'partner' }).count()).toBe(0);
    const none = await console.open('#/issues?source=woocommerce');
    await none.getByText('No open issue.').waitFor();
  });
});
