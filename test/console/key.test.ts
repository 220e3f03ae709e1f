import { expect, test } from 'vitest';
import { functionKey } from '../integration/operator.ts';
import { consoleForTests, describeInBrowser } from './console-for-tests.ts';

describeInBrowser('the key of the console', () => {
  const console = consoleForTests();

  test('is asked for, refused if it is wrong, and leads to the view that was opened', async () => {
    const page = await console.open('#/deliveries?status=parked', { key: undefined });
    await page.getByLabel('Function key').fill('guessed');
    await page.getByLabel('Your name').fill('Anna');
    await page.getByRole('button', { name: 'Open the console' }).click();
    await page.getByRole('alert').getByText('The relay refuses this key.').waitFor();
    await page.getByLabel('Function key').fill(functionKey);
    await page.getByLabel('Function key').press('Enter');
    await page.getByRole('heading', { name: 'Deliveries' }).waitFor();
    expect(await page.getByLabel('Status').inputValue()).toBe('parked');
    expect(page.url()).not.toContain(functionKey);
  });

  test('is kept for this tab: over a reload, but not for another tab', async () => {
    const page = await console.open('#/links', { key: undefined });
    await page.getByLabel('Function key').fill(functionKey);
    await page.getByLabel('Function key').press('Enter');
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByLabel('Function key').waitFor();
  });

  test('is forgotten when that is wanted', async () => {
    const page = await console.open('#/links');
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await page.getByLabel('Function key').waitFor();
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain(
      functionKey,
    );
    expect(await page.getByLabel('Your name').inputValue()).toBe('Anna');
  });

  test('one that is withdrawn while the console is open is noticed', async () => {
    const page = await console.open('#/links');
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    await page.evaluate("sessionStorage.setItem('customer-relay', 'old\\nAnna')");
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('The relay refuses this key.').waitFor();
  });
});
