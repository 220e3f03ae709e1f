import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Stack } from '../../../local/stack.ts';
import { type Ran, runScript } from '../../scripts/run-script.ts';
import { until } from '../operator.ts';
import { functionKey, newCustomer, patchesOf, startRelay } from '../relay-under-test.ts';

// Commands, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catch-up-'));
  stack = await startRelay();
});
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true });
});

const settings = () => ({ RELAY_URL: stack.host.url, RELAY_KEY: functionKey });
const catchUp = (...args: string[]): Promise<Ran> => runScript('catch-up', args, settings());

const rowOf = (customerId: string, name: string) =>
  JSON.stringify({
    customer: { customerId },
    occurredAt: '2026-01-05T00:00:00Z',
    fields: { FirstName: name },
  });

async function fileOf(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test('a file is tried, written, and reported; what is a problem is in the file of findings', async () => {
  const customerId = newCustomer(stack);
  const file = await fileOf(
    'people.jsonl',
    [
      rowOf(customerId, 'Ida'),
      rowOf('99999999', 'Nobody'),
      '{"customer":{"customerId":"x"},"fields":{"FirstName":"A"}}',
    ].join('\n'),
  );
  const tried = await catchUp('in-house', '--file', file, '--dry-run');
  expect(tried).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was written.') });
  expect(tried.out).toMatch(/FirstName +would be written +1/);
  expect(patchesOf(stack, customerId)).toEqual([]);

  const findings = join(folder, 'findings.csv');
  const written = await catchUp('in-house', '--file', file, '--findings', findings);
  expect(written).toMatchObject({ code: 0 });
  expect(written.out).toContain('Read: 3.');
  expect(written.out).toMatch(/1 +applied/);
  expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Ida' }]);
  const lines = (await readFile(findings, 'utf8')).trim().split('\n');
  expect(lines[0]).toBe('row,outcome,customerId,recordId,deliveryId,reason,fields');
  expect(lines[1]).toMatch(new RegExp(`^1,applied,${customerId},`));
  expect(lines.slice(2).map((line) => line.split(',').slice(0, 2).join())).toEqual([
    '2,not-found',
    '3,parked',
  ]);

  const again = await catchUp('in-house', '--file', file, '--json');
  expect(JSON.parse(again.out)).toMatchObject({ read: 3, outcomes: { unchanged: 1 } });
});

test('the values of a file are as old as the file: what came since then stands', async () => {
  const customerId = newCustomer(stack);
  const csv = await fileOf('export.csv', `customer.customerId,fields.FirstName\n${customerId},Old\n`);
  await utimes(csv, new Date('2026-01-06T00:00:00Z'), new Date('2026-01-06T00:00:00Z'));
  const newer = await fileOf('newer.jsonl', rowOf(customerId, 'New').replace('2026-01-05', '2026-01-07'));
  await catchUp('in-house', '--file', newer);
  expect((await catchUp('in-house', '--file', csv)).out).toMatch(/1 +stale/);
  expect((await catchUp('in-house', '--file', csv, '--as-of', '2026-01-08')).out).toMatch(/1 +applied/);
  expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'New' }, { FirstName: 'Old' }]);
});

test('stopped, and killed, and run again: every customer once', async () => {
  const ids = Array.from({ length: 900 }, () => newCustomer(stack));
  const file = await fileOf('many.jsonl', ids.map((id) => rowOf(id, 'Resumed')).join('\n'));
  const started = () => {
    const args = ['scripts/catch-up.ts', 'in-house', '--file', file];
    return spawn(process.execPath, args, { env: { PATH: process.env.PATH ?? '', ...settings() } });
  };
  const rowsDone = async (): Promise<number> => {
    const text = await readFile(`${file}.progress`, 'utf8').catch(() => '{"rows":0}');
    return JSON.parse(text).rows;
  };
  for (const [signal, atLeast] of [
    ['SIGINT', 200],
    ['SIGKILL', 400],
  ] as const) {
    const child = started();
    await until(async () => (await rowsDone()) >= atLeast, `${atLeast} rows`, 60_000);
    child.kill(signal);
    await once(child, 'exit');
  }
  expect(await rowsDone()).toBeLessThan(900);
  const last = await catchUp('in-house', '--file', file);
  expect(last).toMatchObject({ code: 0, err: expect.stringContaining('Goes on after row') });
  await expect(access(`${file}.progress`)).rejects.toThrow();
  for (const id of ids) expect(patchesOf(stack, id)).toEqual([{ FirstName: 'Resumed' }]);
}, 180_000);

test.each([
  [[], 'an argument is missing'],
  [['in-house'], 'say what is to be read'],
  [['in-house', '--file', 'nowhere.csv'], 'is not there'],
])('%j: what is wrong is said in a line', async (args, words) => {
  expect(await catchUp(...args)).toMatchObject({ code: 2, err: expect.stringContaining(words) });
});
