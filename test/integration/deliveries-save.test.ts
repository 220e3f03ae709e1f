import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { runScript } from '../scripts/run-script.ts';
import { functionKey, newCustomer, outcomeOf, postCanonical, startRelay } from './relay-under-test.ts';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'save-'));
  stack = await startRelay();
});
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('save makes a sample of a recorded delivery, with made-up values, and never writes over one', async () => {
  const change = { customer: { customerId: newCustomer(stack) }, fields: { FirstName: 'Henrietta' } };
  const { deliveryId } = await outcomeOf(stack, await postCanonical(stack, change));
  const settings = { RELAY_URL: stack.host.url, RELAY_KEY: functionKey };
  const save = () => runScript('deliveries', ['save', deliveryId, '--to', folder], settings);
  expect(await save()).toMatchObject({ code: 0, err: '' });
  const sample = await readFile(join(folder, 'in-house', `${deliveryId}.json`), 'utf8');
  expect(JSON.parse(sample)).toMatchObject({ fields: { FirstName: expect.stringMatching(/^Text \d+$/) } });
  expect(await save()).toMatchObject({ code: 2, err: expect.stringMatching(/is there already\.\n$/) });
});
