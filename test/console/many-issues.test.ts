import { beforeAll, expect, test } from 'vitest';
import type { ChangeList, IssueList } from '../../console/relay/answers.ts';
import { sumUpHours } from '../../src/delivery/operate/count-hours.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';
import { call } from '../integration/operator.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';
import { parkedEndings, recordDay } from './recorded-day.ts';

describeInBrowser('10,000 deliveries of a day, 500 of them parked for seven causes', () => {
  const console = consoleForTests();
  let customerId: string;
  beforeAll(async () => {
    const { env, host } = console.stack;
    await recordDay(env, 10_000, new Date());
    // As each hour.
    await sumUpHours(await openTables(env), new Date());
    const answer = await call(host.url, 'deliveries?limit=1');
    const { changes } = (await answer.json()) as ChangeList; // as the API describes it
    customerId = changes[0]?.customerId ?? '';
  }, 240_000);

  async function parked(): Promise<Record<string, number>> {
    const answer = await call(console.stack.host.url, 'issues');
    const { issues } = (await answer.json()) as IssueList; // as the API describes it
    return Object.fromEntries(
      issues.flatMap(({ kind, id, changes }) => (kind === 'parked' ? [[id, changes]] : [])),
    );
  }

  test.each([
    ['issues', '#/issues', '.issues > li'],
    ['deliveries', '#/deliveries', '.lines tbody tr'],
    ['those that are parked', '#/deliveries?status=parked', '.lines tbody tr'],
    ['those of a source and a field', '#/deliveries?source=shopify&field=LastName', '.lines tbody tr'],
    ['those of a customer', '', '.lines tbody tr'],
    ['sources', '#/sources', '.cards > li'],
    ['links', '#/links', '.empty'],
    ['acts', '#/acts', '.empty'],
  ])('the list of %s takes at most 5 storage calls', async (_, view, content) => {
    // The first one opens the tables.
    await call(console.stack.host.url, 'sources');
    const before = console.tableCalls;
    const page = await console.open(view || `#/deliveries?customer=${customerId}`);
    await page.locator(content).first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(console.tableCalls - before).toBeGreaterThan(0);
    expect(console.tableCalls - before).toBeLessThanOrEqual(5);
  });

  test('Issues has each cause with its count; a replay of one leaves the others alone', async () => {
    const page = await console.open('#/issues');
    const issues = page.getByRole('region', { name: 'Parked' }).locator('.issues > li');
    await issues.first().waitFor();
    const all = await issues.evaluateAll((lines) =>
      lines.map((line) => Number(line.querySelector('dd')?.textContent)),
    );
    expect(all).toEqual(parkedEndings.map(({ share }) => share * 10));

    const before = await parked();
    const rejected = issues.filter({ hasText: 'PostalCode does not fit the country' });
    await rejected.getByRole('button', { name: 'Replay all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay 30' }).click();
    await page.getByText('Replayed 30 deliveries: rejected of in-house.').waitFor();
    await rejected.waitFor({ state: 'detached' });
    const after = await parked();
    const untouched = Object.entries(before).filter(([, changes]) => changes !== 30);
    expect(untouched).toHaveLength(6);
    expect(after).toMatchObject(Object.fromEntries(untouched));
  });

  test('Now counts the same day, and each bar of an hour is what came in it', async () => {
    const page = await console.open('#/now');
    const shopify = page.locator('.rates tbody tr').filter({ hasText: 'shopify' });
    await shopify.locator('rect.applied').first().waitFor();
    expect(await shopify.locator('g').count()).toBeGreaterThan(20);
    const [, , , accepted = ''] = await shopify.locator('td').allTextContents();
    const shown = Number(accepted.replaceAll(/\D/g, ''));
    // The first deliveries of the day may lie in the hour before those that are shown: of the busiest one a twelfth.
    expect(shown).toBeGreaterThan(5800);
    expect(shown).toBeLessThanOrEqual(6410);
  });
});
