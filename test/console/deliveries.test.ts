import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { untilNothingIsPending } from '../integration/operator.ts';
import { newCustomer } from '../integration/relay-under-test.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { type MadeUpDay, sendInHouse, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('deliveries in the console', () => {
  const console = consoleForTests();
  let day: MadeUpDay;
  beforeAll(async () => {
    day = await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
  });

  const lines = (page: Page) => page.locator('.lines tbody tr');
  const lineOf = (page: Page, deliveryId: string) =>
    lines(page).filter({ has: page.getByRole('link', { name: `Delivery ${deliveryId}` }) });

  test('the list shows what became of each, newest first, by names of fields', async () => {
    const page = await console.open('#/deliveries');
    await lines(page).first().waitFor();
    const leftOut = lineOf(page, day.leftOut);
    for (const text of ['applied', '1 left out', 'shopify', '10544', 'LastName'])
      expect(await leftOut.textContent()).toContain(text);
    expect(await lineOf(page, day.rejected[0] ?? '').textContent()).toMatch(
      /parked.*rejected.*in-house.*10545/,
    );
    const ids = await lines(page)
      .getByRole('link', { name: /^Delivery / })
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(await page.locator('main').textContent()).not.toContain('Tanaka-Bauer');
  });

  test('a time is told in the zone of the viewer and in UTC', async () => {
    const page = await console.open('#/deliveries');
    const time = lines(page).first().locator('time').first();
    const at = new Date((await time.getAttribute('datetime')) ?? '');
    const berlin = at.toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' });
    expect(await time.textContent()).toContain(berlin);
    expect(await time.textContent()).toContain(`${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`);
  });

  test('filters stand in the address: the view is the same after a reload, and for a colleague', async () => {
    const page = await console.open('#/deliveries');
    await page.getByLabel('Status').selectOption('parked');
    await page.getByLabel('Customer').fill('10545');
    await page.getByLabel('Customer').press('Enter');
    await expect.poll(() => lines(page).count()).toBe(1);
    expect(page.url()).toContain('#/deliveries?status=parked&customer=10545');
    await page.reload();
    await expect.poll(() => lines(page).count()).toBe(1);
    expect(await page.getByLabel('Status').inputValue()).toBe('parked');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => lines(page).count()).toBeGreaterThan(5);
    const colleagues = await console.open('#/deliveries?status=parked&customer=10545', { operator: 'Ben' });
    await expect.poll(() => lines(colleagues).count()).toBe(1);
  });

  test('nothing that matches is said', async () => {
    const page = await console.open('#/deliveries?reason=no-such-reason');
    await page.getByText('Nothing matches.').waitFor();
  });

  test('live: what comes in shows by itself, and no more once it is switched off', async () => {
    const customerId = newCustomer(console.stack);
    const page = await console.open(`#/deliveries?customer=${customerId}`);
    await page.getByText('Nothing matches.').waitFor();
    await page.getByRole('checkbox', { name: 'Live' }).click();
    await sendInHouse(console.stack, customerId, { FirstName: 'Lena' });
    await lines(page).filter({ hasText: 'applied' }).waitFor();
    expect(page.url()).toContain('live=on');
  });

  test('live stops while nobody looks, and goes on when somebody does', async () => {
    const page = await console.open('#/deliveries?live=on');
    await lines(page).first().waitFor();
    const hide = (hidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    await page.clock.install();
    await hide(true);
    let asked = 0;
    page.on('request', () => asked++);
    await page.clock.runFor(60_000);
    expect(asked).toBe(0);
    await hide(false);
    await expect.poll(() => asked).toBeGreaterThan(0);
  });

  test('a delivery: its timeline with request id, each field with what became of it', async () => {
    const page = await console.open(`#/deliveries/${day.leftOut}`);
    const timeline = page.getByRole('list', { name: 'Timeline' });
    await timeline.getByText('received', { exact: true }).waitFor();
    expect(await timeline.textContent()).toMatch(/applied.*DirectScale answered 200.*Request\s*[\w-]{8,}/s);
    const field = (name: string) => page.locator('.compact tr').filter({ hasText: name });
    expect(await field('PrimaryPhone').textContent()).toMatch(/left out.*phone number/);
    expect(await field('LastName').textContent()).toContain('sent');
  });

  test('what DirectScale said, and what to do about it', async () => {
    const page = await console.open(`#/deliveries/${day.rejected[0]}`);
    await page.locator('blockquote').getByText('CompanyName must not hold a legal form').waitFor();
    await page.getByText('Correct the record in the source: that sends a new change.').waitFor();
  });

  test('values are hidden until they are asked for', async () => {
    const page = await console.open(`#/deliveries/${day.unmappable}`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('button', { name: 'Show values' }).waitFor();
    expect(await page.locator('main').textContent()).not.toContain('Tanaka-Bauer');
    expect(asked.filter((url) => url.includes('body=true'))).toEqual([]);
    await page.getByRole('button', { name: 'Show values' }).click();
    await page.getByText('Tanaka-Bauer').waitFor();
    await page.getByRole('button', { name: 'Hide values' }).click();
    await page.getByText('Tanaka-Bauer').waitFor({ state: 'detached' });
  });

  test('replay: asked first, then through the mapping of today and into the queue', async () => {
    const customerId = newCustomer(console.stack);
    console.stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 400, times: 1 });
    const id = await sendInHouse(console.stack, customerId, { FirstName: 'Noor' });
    await untilNothingIsPending(console.stack.host.url);
    const page = await console.open(`#/deliveries/${id}`);
    await page.getByRole('heading', { name: /parked/ }).waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click();
    expect(console.stack.sandbox.customers.get(customerId)?.FirstName).not.toBe('Noor');
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay it' }).click();
    await page.getByRole('heading', { name: /applied/ }).waitFor();
    expect(console.stack.sandbox.customers.get(customerId)?.FirstName).toBe('Noor');
  });

  test('an unknown delivery is said', async () => {
    const page = await console.open('#/deliveries/20200101-000000000-0000000000000000');
    await page.getByRole('alert').getByText('No delivery has this id').waitFor();
  });
});
