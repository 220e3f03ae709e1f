import { beforeAll, expect, test } from 'vitest';
import { untilNothingIsPending } from '../integration/operator.ts';
import { newCustomer } from '../integration/relay-under-test.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { sendInHouse, sendShopify } from './made-up-day.ts';

describeInBrowser('a customer in the console', () => {
  const console = consoleForTests();
  let customerId: string;
  let last: string;
  beforeAll(async () => {
    const { stack } = console;
    customerId = newCustomer(stack);
    await sendInHouse(stack, customerId, { FirstName: 'Lena', LastName: 'Sorge' });
    await untilNothingIsPending(stack.host.url);
    last = await sendShopify(stack, 'shopify', customerId, {
      first_name: 'Lena',
      last_name: 'Sorge-Ito',
      phone: 'call me after six',
    });
    await untilNothingIsPending(stack.host.url);
  });

  test('each field with when, from which source and by which delivery it was written last', async () => {
    const page = await console.open(`#/customers/${customerId}`);
    const field = (name: string) =>
      page.getByRole('region', { name: 'Fields' }).locator('tbody tr').filter({ hasText: name });
    await field('LastName').waitFor();
    expect(await field('LastName').textContent()).toContain('shopify');
    expect(await field('LastName').textContent()).toContain(last);
    await field('LastName').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Delivery' }).waitFor();
    expect(page.url()).toContain(last);
  });

  test('all changes on one time line, from all sources', async () => {
    const page = await console.open(`#/customers/${customerId}`);
    const chart = page.locator('.timeline-chart');
    await chart.waitFor();
    expect(await chart.locator('circle.applied').count()).toBeGreaterThan(2);
    expect(await chart.locator('circle.left-out').count()).toBe(1);
    const changes = page.getByRole('region', { name: 'Changes' }).locator('tbody tr');
    expect(await changes.count()).toBe(2);
  });

  test('what DirectScale holds now is compared, and its values are shown when they are asked for', async () => {
    const held = console.stack.sandbox.customers.get(customerId);
    if (!held) throw new Error('the sandbox has the customer');
    console.stack.sandbox.customers.set(customerId, { ...held, LastName: 'Changed by hand' });
    const page = await console.open(`#/customers/${customerId}`);
    const fields = page.getByRole('region', { name: 'Fields' });
    await fields.getByRole('button', { name: 'Compare with DirectScale' }).click();
    const field = (name: string) => fields.locator('tbody tr').filter({ hasText: name });
    await field('LastName').getByText('changed in DirectScale').waitFor();
    await field('FirstName').getByText('as written last').waitFor();
    expect(await page.locator('main').textContent()).not.toContain('Changed by hand');
    await fields.getByRole('button', { name: 'Show values' }).click();
    await field('LastName').getByText('Changed by hand').waitFor();
  });

  test('is paused and resumed by hand', async () => {
    const { stack } = console;
    const paused = newCustomer(stack);
    const page = await console.open(`#/customers/${paused}`);
    await page.getByText('No change of this customer is recorded.').waitFor();
    await page.getByRole('button', { name: `Pause customer ${paused}` }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('she calls us on Monday');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('she calls us on Monday').waitFor();
    await page.getByRole('button', { name: `Resume customer ${paused}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByText('she calls us on Monday').waitFor({ state: 'detached' });
  });

  test('is found by its id; one that cannot be is told', async () => {
    const page = await console.open('#/customers');
    await page.getByRole('searchbox').fill(customerId);
    await page.getByRole('searchbox').press('Enter');
    await page.getByRole('heading', { level: 1, name: `Customer ${customerId}` }).waitFor();
    const wrong = await console.open('#/customers/Maria');
    await wrong.getByRole('alert').first().waitFor();
  });
});
