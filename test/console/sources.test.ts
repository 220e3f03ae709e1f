import { beforeAll, expect, test } from 'vitest';
import { untilNothingIsPending } from '../integration/operator.ts';
import { newCustomer } from '../integration/relay-under-test.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { sendInHouse, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('sources in the console', () => {
  const console = consoleForTests();
  beforeAll(async () => {
    // Before anybody has read it: what was read once outlives the vault.
    console.stack.vault.remove('partner-webhook-secret-next');
    await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
  });

  test('the address to give the vendor, what came last, and whether its secrets can be read', async () => {
    const page = await console.open('#/sources');
    const card = page.locator('.cards > li').filter({ has: page.getByRole('heading', { name: 'shopify' }) });
    await card.waitFor();
    const text = (await card.textContent()) ?? '';
    expect(text).toContain(`${console.stack.host.url}/api/webhooks/shopify`);
    expect(text).toMatch(/shopify-webhook-secret readable/);
    expect(text).toMatch(/Last accepted(now|.*ago)/);
    expect(text).toMatch(/Last refusednone/);
  });

  test('one that was refused says so, with the class of the reason', async () => {
    const page = await console.open('#/sources');
    const card = page.locator('.cards > li').filter({ hasText: 'woocommerce' });
    await expect.poll(() => card.textContent()).toMatch(/Last refused.*unauthorized/);
  });

  test('one whose secret cannot be read takes nothing: Now says which and why', async () => {
    const page = await console.open('#/sources');
    const card = page.locator('.cards > li').filter({ has: page.getByRole('heading', { name: 'closed' }) });
    await expect.poll(() => card.textContent()).toMatch(/partner-webhook-secret-next.*cannot be read/);
    await page.getByRole('link', { name: 'Now' }).click();
    const health = page.getByRole('region', { name: 'Health' });
    await health.getByText('Source closed takes nothing: its secret cannot be read.').waitFor();
    await health.getByText(/^Secret partner-webhook-secret-next: /).waitFor();
  });

  test('one is paused: its changes wait, and go on when it is resumed', async () => {
    const { stack } = console;
    const page = await console.open('#/sources');
    await page.getByRole('button', { name: 'Pause source in-house' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('a wrong export');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume source in-house' }).waitFor();
    const customerId = newCustomer(stack);
    await sendInHouse(stack, customerId, { FirstName: 'Kaya' });
    const deliveries = await console.open(`#/deliveries?customer=${customerId}&live=on`);
    await deliveries.locator('.lines tbody tr').filter({ hasText: 'pending' }).waitFor();
    expect(stack.sandbox.customers.get(customerId)?.FirstName).not.toBe('Kaya');
    await page.getByRole('button', { name: 'Resume source in-house' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await deliveries.locator('.lines tbody tr').filter({ hasText: 'applied' }).waitFor({ timeout: 45_000 });
    expect(stack.sandbox.customers.get(customerId)?.FirstName).toBe('Kaya');
  }, 90_000);
});
