import { beforeAll, expect, test } from 'vitest';
import { call, untilNothingIsPending } from '../integration/operator.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { type MadeUpDay, sendMadeUpDay } from './made-up-day.ts';

describeInBrowser('who did what, in the console', () => {
  const console = consoleForTests();
  let day: MadeUpDay;
  beforeAll(async () => {
    day = await sendMadeUpDay(console.stack);
    await untilNothingIsPending(console.stack.host.url);
  });

  test('a replay and a look at values are noted with the name that was given, in any script', async () => {
    const page = await console.open(`#/deliveries/${day.leftOut}`, { operator: 'Łucja Nowak' });
    await page.getByRole('button', { name: 'Show values' }).click();
    await page.getByText('call me after six').waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Acts' }).click();
    const lines = page.locator('.lines tbody tr');
    await lines.filter({ hasText: 'replay' }).first().waitFor();
    for (const act of ['show-values', 'replay'])
      expect(await lines.filter({ hasText: act }).first().textContent()).toMatch(
        new RegExp(`Łucja Nowak.*${act}.*${day.leftOut}`),
      );
    await page.getByRole('combobox', { name: 'Act' }).selectOption('show-values');
    await expect.poll(() => lines.filter({ hasText: 'replay' }).count()).toBe(0);
    expect(page.url()).toContain('act=show-values');
  });

  test('what was written without values names none', async () => {
    const answer = await call(console.stack.host.url, 'acts');
    expect(await answer.text()).not.toContain('call me after six');
  });
});
