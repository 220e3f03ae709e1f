import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const workflow = await readFile('.github/workflows/ci.yml', 'utf8');
const all = (pattern: RegExp) => [...workflow.matchAll(pattern)].map(([, value]) => value);

test('every action is pinned to a commit, with its version beside it', () => {
  const uses = all(/^\s*(?:- )?uses: *(.+)$/gm);
  expect(uses.length).toBeGreaterThan(1);
  for (const action of uses) expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('the jobs can read the code, and nothing else', () => {
  expect(all(/^( *)permissions:/gm)).toEqual(['']);
  expect(workflow).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  const checkouts = all(/uses: (actions\/checkout)@/g).length;
  expect(all(/^ +(persist-credentials: false)$/gm)).toHaveLength(checkouts);
  expect(workflow).not.toContain('pull_request_target');
});

test('known weaknesses of what runs in production fail a run, also when nobody has changed anything', () => {
  expect(workflow).toMatch(/^ +- run: npm audit --omit dev$/m);
  expect(workflow).toMatch(/^ {2}schedule:\n {4}- cron: /m);
});

test('what is installed is what package-lock.json says', () => {
  expect(all(/\b(npm ci)\b/g).length).toBeGreaterThan(0);
  expect(workflow).not.toMatch(/\bnpm (install|i|update)\b|\bnpx\b/);
});
