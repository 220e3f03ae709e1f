import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { changesOf, untilNothingIsPending } from '../integration/operator.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { type MadeUpDay, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('mappings in the console', () => {
  const console = consoleForTests();
  let day: MadeUpDay;
  beforeAll(async () => {
    day = await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
  });

  test('a bad mapping is corrected in the page: the result shows, and nothing is saved or sent', async () => {
    const { stack } = console;
    const page = await console.open(`#/mapping?source=partner&delivery=${day.unmappable}`);
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText('EmailAdress').waitFor();
    expect(await result.textContent()).toMatch(/mapped.*EmailAdress left out: is not a known name/);
    const calls = stack.sandbox.history.length;
    const changes = await changesOf(stack.host.url);

    const mapping = page.getByRole('textbox', { name: 'Mapping' });
    await mapping.fill((await mapping.inputValue()).replace('EmailAdress', 'EmailAddress'));
    const line = result.locator('tbody tr').filter({ hasText: 'EmailAddress' });
    await line.getByText('customer.10545@example.com').waitFor();
    expect(await line.textContent()).toContain('added');
    await result.getByText('left out').waitFor({ state: 'detached' });

    await page.getByRole('button', { name: "Back to the source's own" }).click();
    await result.getByText('EmailAdress').waitFor();
    expect(await readFile('test/console/partner.jsonata', 'utf8')).toContain('EmailAdress');
    expect(stack.sandbox.history).toHaveLength(calls);
    expect(await changesOf(stack.host.url)).toEqual(changes);
  });

  test('one that does not compile is told by its line', async () => {
    const page = await console.open(`#/mapping?source=partner&delivery=${day.unmappable}`);
    const mapping = page.getByRole('textbox', { name: 'Mapping' });
    await expect.poll(() => mapping.inputValue()).toContain('EmailAdress');
    await mapping.fill('{\n  "customer": { "customerId": customer_id },\n  "fields": { "FirstName": }\n}');
    const result = page.getByRole('region', { name: 'Result' });
    await result.locator('.badge').getByText('does not compile').waitFor();
    expect(await result.textContent()).toMatch(/line 3/);
    expect(await page.locator('.numbers .bad').textContent()).toBe('3');
  });

  test('a payload is pasted; what is wrong in it is told by path', async () => {
    const page = await console.open('#/mapping?source=in-house');
    await page.getByText('Paste a payload.').waitFor();
    await page.getByRole('textbox', { name: 'Payload' }).fill(
      JSON.stringify({
        customer: { customerId: '10542' },
        occurredAt: '2026-11-20T10:00:00Z',
        fields: { FirstName: 'Ana', LanguageCode: 'Klingon' },
      }),
    );
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText('LanguageCode').first().waitFor();
    expect(await result.textContent()).toContain('10542');
  });

  test('from a delivery: what today’s mapping makes of it, and the way to try another one', async () => {
    const page = await console.open(`#/deliveries/${day.unmappable}`);
    const today = page.getByRole('region', { name: "With today's mapping" });
    await today.getByRole('button', { name: 'Compare' }).click();
    await today.getByText('the same change').waitFor();
    await today.getByRole('link', { name: 'Try another mapping' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mapping' }).waitFor();
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Payload' }).inputValue())
      .toContain('Tanaka-Bauer');
    await page.reload();
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Payload' }).inputValue())
      .toContain('Tanaka-Bauer');
  });
});
