import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { RelayFailure } from '../../cli/errors.ts';
import { importFile } from '../../scripts/catch-up/file-command.ts';
import { walkCustomers } from '../../scripts/catch-up/walk-command.ts';
import type { RelayApi } from '../../scripts/relay-api.ts';
import { emptyReport } from '../../src/catch-up/report.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'findings-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const found = (customerId: string) => ({ outcome: 'applied', customerId, fields: [] });
const linesOf = async (path: string) => (await readFile(path, 'utf8')).trim().split('\n');

test('an import that goes on adds to the file of findings; one that begins anew begins it anew', async () => {
  const findings = join(folder, 'import.csv');
  const file = join(folder, 'people.jsonl');
  await writeFile(file, Array.from({ length: 300 }, (_, id) => JSON.stringify({ id })).join('\n'));
  let calls = 0;
  const api: RelayApi = {
    call: () => Promise.reject(new Error('is not called')),
    async send<Answer>(_method: string, _path: string, text: string) {
      if (++calls === 2) throw new RelayFailure('The relay is gone.');
      const done = JSON.parse(text).length;
      return { done, report: emptyReport, findings: [{ ...found(`${calls}`), index: 0 }] } as Answer; // the form of an import's answer
    },
  };
  const options = { source: 'shop', file, mode: 'write', repair: false, asOf: undefined } as const;
  const run = (restart = false) => importFile({ ...options, restart, findings, json: true }, api);
  await expect(run()).rejects.toThrow('gone');
  await run();
  expect(await linesOf(findings)).toEqual([
    expect.stringMatching(/^row,outcome/),
    expect.stringMatching(/^1,applied,1,/),
    expect.stringMatching(/^201,applied,3,/),
  ]);
  await run();
  expect(await linesOf(findings)).toHaveLength(3);
  expect((await linesOf(findings)).join()).not.toContain('applied,1,');
});

test('so does a walk', async () => {
  const findings = join(folder, 'walk.csv');
  let walk: { readonly startedAt: string; readonly endedAt?: string } | undefined;
  let steps = 0;
  const bodies: unknown[] = [];
  const api: RelayApi = {
    send: () => Promise.reject(new Error('is not called')),
    async call<Answer>(method: string, _path: string, body?: unknown) {
      bodies.push(body);
      if (method === 'GET') return { walks: { ...(walk && { backfill: walk }) } } as Answer; // the form of the walks' answer
      if (++steps === 2) throw new RelayFailure('The relay is gone.');
      const startedAt = new Date().toISOString();
      walk = {
        ...(walk?.endedAt ? { startedAt } : (walk ?? { startedAt })),
        ...(steps > 2 && { endedAt: startedAt }),
      };
      const step = { ...walk, pages: 1, report: emptyReport, isElsewhere: false };
      return { ...step, stepFindings: [found(`${steps}`)] } as Answer; // the form of a step's answer
    },
  };
  const options = { source: 'shop', since: undefined, mode: 'write', repair: false, json: true } as const;
  const run = (restart = false) => walkCustomers({ ...options, restart, findings }, api);
  await expect(run()).rejects.toThrow('gone');
  // Whoever asks again for a step names the walk: its end may be the answer that was lost.
  expect(bodies.at(-1)).toMatchObject({ startedAt: walk?.startedAt });
  await run();
  expect(await linesOf(findings)).toEqual([
    expect.stringMatching(/^row,outcome/),
    expect.stringMatching(/applied,1,/),
    expect.stringMatching(/applied,3,/),
  ]);
  await run();
  expect(await linesOf(findings)).toEqual([
    expect.stringMatching(/^row,outcome/),
    expect.stringMatching(/applied,4,/),
  ]);
});
