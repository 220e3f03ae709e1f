import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { start } from './start-stack.ts';

const launchSchema = z.object({
  configurations: z.array(
    z.object({
      name: z.string(),
      type: z.literal('node'),
      request: z.enum(['launch', 'attach']),
      runtimeExecutable: z.string().optional(),
      runtimeArgs: z.array(z.string()).default([]),
      program: z.string().optional(),
      args: z.array(z.string()).default([]),
      port: z.number().optional(),
    }),
  ),
});
const { configurations } = launchSchema.parse(JSON.parse(await readFile('.vscode/launch.json', 'utf8')));
const here = (text = '') => text.replace(/\$\{workspaceFolder\}/, resolve('.'));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'debug-'));
  await writeFile(join(folder, 'relay.json'), '{"sources":{}}');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a debugger asks first: is there a Node that can be debugged, and what does it run? */
async function debugged(port: number): Promise<{ type: string; url: string }[]> {
  return (await fetch(`http://127.0.0.1:${port}/json/list`)).json() as Promise<
    { type: string; url: string }[]
  >;
}

test('F5: the launch file starts the stack, and the debugger reaches the functions', async () => {
  const [f5] = configurations;
  const env = { PATH: process.env.PATH ?? '', RELAY_STATE: folder, RELAY_CONFIG: join(folder, 'relay.json') };
  // An editor debugs by such an option; the host is a child process, to which it attaches by the same.
  const child = spawn(
    here(f5?.runtimeExecutable),
    [
      ...(f5?.runtimeArgs ?? []),
      '--inspect=127.0.0.1:0',
      here(f5?.program),
      ...(f5?.args ?? []),
      '--port',
      '0',
      '--inspect',
      '0',
    ],
    { env },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  try {
    await expect.poll(() => output, { timeout: 30_000 }).toContain('Stop: Ctrl-C');
    const ports = [...output.matchAll(/Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//g)].map(([, port]) =>
      Number(port),
    );
    expect(ports).toHaveLength(2);
    const urls = (await Promise.all(ports.map(debugged))).flat().map(({ url }) => url);
    // TypeScript itself: a breakpoint in it needs no map.
    expect(urls).toEqual([
      expect.stringMatching(/local\/start\.ts$/),
      expect.stringMatching(/local\/host\/main\.ts$/),
    ]);
  } finally {
    child.kill('SIGTERM');
  }
  expect(f5?.runtimeArgs).toContain('--enable-source-maps');
}, 60_000);

test('a debugger attaches to npm start -- --inspect at the port that the launch file names', async () => {
  const attach = configurations.find(({ request }) => request === 'attach');
  expect(attach?.name).toContain(`--inspect ${attach?.port}`);
  const started = start(folder, ['--inspect', String(attach?.port)], {
    RELAY_CONFIG: join(folder, 'relay.json'),
  });
  try {
    await started.relay();
    expect(await debugged(attach?.port ?? 0)).toMatchObject([{ type: 'node' }]);
  } finally {
    await started.stop();
  }
}, 60_000);

test('what the launch file, the tasks and the recommended extensions name is there', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };
  const tasks = await readFile('.vscode/tasks.json', 'utf8');
  for (const [, script = ''] of tasks.matchAll(/"script": "([\w-]+)"/g))
    expect(Object.keys(scripts)).toContain(script);
  for (const { program } of configurations) {
    if (program) await expect(readFile(here(program))).resolves.toBeDefined();
  }
});
