import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runScript } from './run-script.ts';

// Azure's and GitHub's own commands cannot run here: these write down how they were called.
let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deploy-'));
  await mkdir(join(folder, 'bin'));
  path = `${join(folder, 'bin')}${delimiter}${process.env.PATH}`;
  await command('az', 'case "$2" in show) echo app.example.net;; esac');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function command(name: string, does: string): Promise<void> {
  const script = `#!/bin/sh\necho "${name} $*" >> '${folder}/calls'\n${does}\n`;
  await writeFile(join(folder, 'bin', name), script, { mode: 0o755 });
}

const calls = async (): Promise<string[]> =>
  (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

describe('storage-access', () => {
  const closed = {
    RELAY_PRIVATE_NETWORKING: 'true',
    AZURE_STORAGE_ACCOUNT_NAME: 'strelay',
    AZURE_RESOURCE_GROUP: 'rg-relay',
  };
  const update = 'az storage account update --name strelay --resource-group rg-relay';

  test('opens the account for a deployment and closes it again', async () => {
    const opened = await runScript('storage-access', ['open', '--wait-seconds', '0'], {
      ...closed,
      PATH: path,
    });
    expect(opened).toMatchObject({ code: 0, out: 'strelay is open.\n' });
    expect(await runScript('storage-access', ['close'], { ...closed, PATH: path })).toMatchObject({
      code: 0,
    });
    expect(await calls()).toEqual([
      `${update} --public-network-access Enabled --default-action Allow --output none`,
      `${update} --public-network-access Disabled --default-action Deny --output none`,
    ]);
  });

  test('leaves an account alone that is not closed', async () => {
    expect(await runScript('storage-access', ['open'], { PATH: path })).toMatchObject({ code: 0 });
    expect(await calls()).toEqual([]);
  });

  test('says it in a line if Azure refuses, or if az is not there', async () => {
    await command('az', 'exit 3');
    expect(await runScript('storage-access', ['close'], { ...closed, PATH: path })).toMatchObject({
      code: 1,
    });
    const without = await runScript('storage-access', ['close'], { ...closed, PATH: folder });
    expect(without.code).toBe(2);
    expect(without.err).toMatch(/^az is not on the PATH[^\n]*\n$/);
  });
});

describe('smoke-test', () => {
  test.each([
    ['waits until the relay is ready', [503, 503, 200], 0],
    ['fails if the relay does not become ready', [503, 503, 503, 503, 503, 503], 1],
  ])('%s', async (_what, statuses, code) => {
    let asked = 0;
    const server = createServer((_, response) => {
      const status = statuses[Math.min(asked++, statuses.length - 1)] ?? 503;
      response.writeHead(status).end(JSON.stringify({ status: status === 200 ? 'ready' : 'unavailable' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
    const ran = await runScript(
      'smoke-test',
      [`http://127.0.0.1:${port}`, '--seconds', code === 0 ? '20' : '3'],
      {},
    );
    server.close();
    expect(ran.code).toBe(code);
    if (code === 1) expect(ran.err).toMatch(/^\S+ is not ready after 3 s: 503 unavailable\n$/);
  });

  test('is not satisfied by something else that answers 200', async () => {
    const server = createServer((_, response) => response.end('<html>Your app is up and running</html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
    expect((await runScript('smoke-test', [`http://127.0.0.1:${port}`, '--seconds', '1'], {})).code).toBe(1);
    server.close();
  });
});

describe('the workflow', () => {
  const env = {
    AZURE_RESOURCE_GROUP: 'rg-relay',
    SERVICE_API_NAME: 'func-relay',
    GITHUB_REPOSITORY: 'company/relay',
    GOOD_PACKAGE: 'deployed-production',
    RELAY_URL: 'https://app.example.net',
  };

  /** Runs the shell lines of the step that has this line. */
  async function runStep(line: string): Promise<number> {
    const workflow = await readFile('.github/workflows/deploy.yml', 'utf8');
    const step = workflow.split(/\n {6}- /).find((text) => text.includes(line)) ?? '';
    const lines = /run: \|\n([\s\S]*)$/.exec(step)?.[1]?.replace(/^ {10}/gm, '') ?? 'exit 99';
    const file = join(folder, 'step.sh');
    await writeFile(file, lines);
    const settings = { ...env, PATH: path, GITHUB_ENV: join(folder, 'env') };
    const run = promisify(execFile)('bash', ['-e', file], { cwd: folder, env: settings });
    // What execFile rejects with when a program fails.
    return run.then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  }

  test('deploys the package that it made', async () => {
    expect(await runStep('id: deploy')).toBe(0);
    expect((await calls()).at(-1)).toBe(
      'az functionapp deployment source config-zip -g rg-relay -n func-relay --src dist/customer-relay.zip --output none',
    );
    expect(await readFile(join(folder, 'env'), 'utf8')).toBe('RELAY_URL=https://app.example.net\n');
  });

  test('goes back to the package of the last good deployment, and asks whether it is ready', async () => {
    await command('gh', 'case "$1" in api) echo 4711;; esac');
    await command('node', '');
    expect(await runStep('name: Go back')).toBe(0);
    expect(await calls()).toEqual([
      expect.stringContaining('gh api repos/company/relay/actions/artifacts?name=deployed-production'),
      'gh run download 4711 --repo company/relay --name deployed-production --dir before',
      'az functionapp deployment source config-zip -g rg-relay -n func-relay --src before/customer-relay.zip --output none',
      'node scripts/smoke-test.ts https://app.example.net',
    ]);
  });

  test('says so if there is no package to go back to', async () => {
    await command('gh', '');
    expect(await runStep('name: Go back')).toBe(1);
    expect(await calls()).toHaveLength(1);
  });

  test('holds no secret, pins every action, and closes the storage account whatever happened', async () => {
    const workflow = await readFile('.github/workflows/deploy.yml', 'utf8');
    expect(workflow).not.toMatch(/secrets\.|password/i);
    for (const [, action] of workflow.matchAll(/uses: *(.+)/g)) {
      expect(action).toMatch(/^(actions|azure)\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    expect(workflow).toMatch(/^permissions: \{\}$/m);
    expect(workflow).toMatch(/if: \$\{\{ always\(\) \}\}\n {8}run: node scripts\/storage-access\.ts close/);
  });
});
