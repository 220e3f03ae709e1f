import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { call } from '../integration/operator.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';

describeInBrowser('links in the console', () => {
  const console = consoleForTests();
  const lines = (page: Page) => page.locator('.lines tbody tr');
  const linked = async (recordId: string) =>
    (await call(console.stack.host.url, `links/in-house/${encodeURIComponent(recordId)}`)).status;

  test('a record is linked, found, and its link removed', async () => {
    const page = await console.open('#/links');
    await page.getByText('No links.').waitFor();
    const form = page.getByRole('region', { name: 'Link a record' });
    await form.getByLabel('Source').fill('in-house');
    await form.getByLabel('Record id').fill('a/b 1');
    await form.getByLabel('Customer').fill('10543');
    await form.getByRole('button', { name: 'Link' }).click();
    await page.getByText('in-house a/b 1 is customer 10543.').waitFor();
    await lines(page).filter({ hasText: 'a/b 1' }).waitFor();

    const search = page.getByRole('search');
    await search.getByLabel('Source').fill('in-house');
    await search.getByLabel('Record id').fill('a/b 1');
    await search.getByLabel('Record id').press('Enter');
    await expect.poll(() => page.url()).toContain('#/links?source=in-house&record=a%2Fb+1');
    await lines(page).filter({ hasText: 'a/b 1' }).waitFor();
    expect(await linked('a/b 1')).toBe(200);

    await page.getByRole('button', { name: 'Remove the link of in-house a/b 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click();
    await page.getByText('This record is not linked.').waitFor();
    expect(await linked('a/b 1')).toBe(404);
  });

  test('what cannot be linked is told by the field', async () => {
    const page = await console.open('#/links');
    const form = page.getByRole('region', { name: 'Link a record' });
    await form.getByLabel('Source').fill('in-house');
    await form.getByLabel('Record id').fill('r-1');
    await form.getByLabel('Customer').fill('Maria');
    await form.getByRole('button', { name: 'Link' }).click();
    await form.getByRole('alert').getByText('customerId').waitFor();
    expect(await linked('r-1')).toBe(404);
  });

  test('a file is imported: what is wrong in it is told by line, the rest is written', async () => {
    const page = await console.open('#/links');
    const csv = [
      'recordId,customerId,source',
      'c-1,10542,in-house',
      '"c ""2""",10543,in-house',
      'c-3,nobody,in-house',
      'c-4,10544,no-such-source',
      '"c-5,10545,in-house',
      'c-1,10546,in-house',
    ].join('\r\n');
    const form = page.getByRole('region', { name: 'Import a CSV' });
    await form
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'links.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await form.getByRole('button', { name: 'Import' }).click();
    await form.getByText('2 written, 0 unchanged, 4 rejected.').waitFor();
    const rejected = await form.locator('.violations li').allTextContents();
    expect(rejected.map((text) => text.slice(0, 7))).toEqual(['line 4:', 'line 5:', 'line 6:', 'line 7:']);
    expect(await linked('c "2"')).toBe(200);
    expect(await linked('c-3')).toBe(404);
  });

  test('a file of another kind is refused whole', async () => {
    const page = await console.open('#/links');
    const form = page.getByRole('region', { name: 'Import a CSV' });
    const buffer = Buffer.from('name,email\nMaria,maria@example.com\n');
    await form
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer });
    await form.getByRole('button', { name: 'Import' }).click();
    await form.getByText('The first line must be source,recordId,customerId.').waitFor();
  });

  test.each(['../deliveries?limit=1#', '..', 'a/b'])('the source %s leads nowhere else', async (source) => {
    const page = await console.open('#/links');
    await page.getByText('No links.').or(lines(page).first()).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const hash = `#/links?${new URLSearchParams({ source, record: 'deliveries' })}`;
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    await page.getByRole('alert').or(page.getByText('This record is not linked.')).first().waitFor();
    const itsOwn = source === '..' ? [] : [`/api/links/${encodeURIComponent(source)}/deliveries`];
    expect(asked.filter((path) => path.endsWith('deliveries'))).toEqual(itsOwn);
  });
});
