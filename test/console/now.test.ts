import { beforeAll, expect, test } from 'vitest';
import { call, untilNothingIsPending } from '../integration/operator.ts';
import { newCustomer } from '../integration/relay-under-test.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { sendInHouse, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('now, in the console', () => {
  const console = consoleForTests();
  beforeAll(async () => {
    await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
  });

  test('health in words, the figures, and each source with its last day', async () => {
    const page = await console.open('#/now');
    await page.getByRole('region', { name: 'Health' }).getByText('Everything works.').waitFor();
    const figures = page.locator('.figures');
    await expect.poll(() => figures.textContent()).toMatch(/Waiting0none is due.*Parked[1-9]/);
    expect(await figures.textContent()).toMatch(/DirectScale answered\d{3}.*closed/);
    const line = page.locator('.rates tbody tr').filter({ hasText: 'shopify' });
    await line.waitFor();
    const [, last, , accepted, applied] = await line.locator('td').allTextContents();
    expect(last).toMatch(/now|ago/);
    expect(Number(accepted)).toBeGreaterThan(5);
    expect(Number(applied)).toBeGreaterThan(1);
    const chart = line.getByRole('img', { name: /^shopify: \d+ accepted in the last 24 hours/ });
    expect(await chart.locator('rect.applied').count()).toBeGreaterThan(0);
    expect(await chart.locator('rect.parked').count()).toBeGreaterThan(0);
  });

  test('what stands still is said, with why: calls that are stopped, a customer that is written to too often', async () => {
    const { stack } = console;
    stack.sandbox.fault({ match: { method: 'PATCH' }, status: 503, times: 8 });
    await Promise.all(
      Array.from({ length: 6 }, () => sendInHouse(stack, newCustomer(stack), { FirstName: 'Kofi' })),
    );
    const page = await console.open('#/now');
    const health = page.getByRole('region', { name: 'Health' });
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: 'Refresh' }).click();
          return health.textContent();
        },
        { timeout: 20_000 },
      )
      .toMatch(/not everything works.*Calls to DirectScale are stopped, server-error.*nothing is lost/);
    stack.sandbox.clearFaults();
    await untilNothingIsPending(stack.host.url, 60_000);
  }, 90_000);

  test('everything is paused and resumed by hand, with the reason for the colleagues', async () => {
    const { stack } = console;
    const page = await console.open('#/now');
    await page.getByRole('button', { name: 'Pause all changes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause all changes?' });
    await dialog.getByLabel('Why').fill('DirectScale is being moved');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page
      .getByRole('region', { name: 'Health' })
      .getByText('All changes are paused by Anna: DirectScale is being moved')
      .waitFor();
    const { pauses } = (await (await call(stack.host.url, 'pauses')).json()) as {
      pauses: { subject: string }[];
    };
    expect(pauses.map(({ subject }) => subject)).toEqual(['all']);
    await page.getByRole('button', { name: 'Resume all changes' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('region', { name: 'Health' }).getByText('Everything works.').waitFor();
  });
});
