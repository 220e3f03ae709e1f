import { beforeAll, expect, test } from 'vitest';
import type { IssueList } from '../../console/relay/answers.ts';
import { call } from '../integration/operator.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { parkedEndings, recordDay } from './recorded-day.ts';

describeInBrowser('a thousand deliveries of a day, fifty of them parked for seven causes', () => {
  const console = consoleForTests();
  beforeAll(() => recordDay(console.stack.env, 1000, new Date()), 120_000);

  async function parked(): Promise<Record<string, number>> {
    const answer = await call(console.stack.host.url, 'issues');
    const { issues } = (await answer.json()) as IssueList; // as the API describes it
    return Object.fromEntries(
      issues.flatMap(({ kind, id, changes }) => (kind === 'parked' ? [[id, changes]] : [])),
    );
  }

  test('Issues has each cause with its count; a replay of one leaves the others alone', async () => {
    const page = await console.open('#/issues');
    const issues = page.getByRole('region', { name: 'Parked' }).locator('.issues > li');
    await issues.first().waitFor();
    const all = await issues.evaluateAll((lines) =>
      lines.map((line) => Number(line.querySelector('dd')?.textContent)),
    );
    expect(all).toEqual(parkedEndings.map(({ share }) => share));

    const before = await parked();
    const rejected = issues.filter({ hasText: 'PostalCode does not fit the country' });
    await rejected.getByRole('button', { name: 'Replay all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay 3' }).click();
    await page.getByText('Replayed 3 deliveries: rejected of in-house.').waitFor();
    await rejected.waitFor({ state: 'detached' });
    const after = await parked();
    const untouched = Object.entries(before).filter(([, changes]) => changes !== 3);
    expect(untouched).toHaveLength(6);
    expect(after).toMatchObject(Object.fromEntries(untouched));
  });

  test('Now counts the same day, and each bar of an hour is what came in it', async () => {
    const page = await console.open('#/now');
    const shopify = page.locator('.rates tbody tr').filter({ hasText: 'shopify' });
    await shopify.locator('rect.applied').first().waitFor();
    expect(await shopify.locator('g').count()).toBeGreaterThan(20);
    const [, , , accepted = ''] = await shopify.locator('td').allTextContents();
    // The first deliveries of the day may lie in the hour before those that are shown.
    expect(Number(accepted)).toBeGreaterThan(600);
    expect(Number(accepted)).toBeLessThanOrEqual(641);
  });
});
