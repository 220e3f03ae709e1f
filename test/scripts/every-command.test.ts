import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));
/** The project's own programs; those of others have their own manners, and the bench is no command for a user. */
const programs = Object.entries(scripts).flatMap(([name, command]) => {
  const file = /^node (?!scripts\/build)(\S+\.ts)$/.exec(command)?.[1];
  return file ? [{ name, file }] : [];
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(file: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env.PATH ?? '', RELAY_STATE: folder };
  return promisify(execFile)(process.execPath, [file, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    // What execFile rejects with when a program fails.
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      out: stdout,
      err: stderr,
    }),
  );
}

test('there are commands', () => {
  expect(programs.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['start', 'send', 'check', 'package']),
  );
});

describe.each(programs)('npm run $name', ({ file }) => {
  test('--help tells how it is used, and does nothing', async () => {
    const { code, out, err } = await run(file, '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^usage: (npm|node) /);
  });

  test('an unknown option: a line, the usage, exit code 2', async () => {
    const { code, err } = await run(file, '--no-such-option');
    expect(code).toBe(2);
    expect(err).toContain('usage: ');
    expect(err).not.toMatch(/^ {4}at /m);
  });
});
