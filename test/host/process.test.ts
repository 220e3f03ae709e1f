import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { seen, startFixture } from './fixture-host.ts';

test('the ready line names every function', async () => {
  const host = await startFixture();
  expect([...host.functions].sort()).toEqual([
    'atStart',
    'clock',
    'early',
    'echo',
    'floating',
    'halfRead',
    'head',
    'limited',
    'literal',
    'locked',
    'mirror',
    'nothing',
    'rest',
    'slow',
    'throws',
  ]);
  await host.stop();
});

test('a function that is disabled runs only when it is started by hand', async () => {
  const host = await startFixture({
    functionKey: 'the key',
    env: { 'AzureWebJobs.atStart.Disabled': 'true' },
  });
  const start = (name: string) =>
    fetch(`${host.url}/admin/functions/${name}`, {
      method: 'POST',
      body: '{}',
      headers: { 'x-functions-key': 'the key' },
    });
  await start('clock');
  await vi.waitFor(() => expect(seen(host)).toHaveLength(1), 15_000);
  expect(seen(host)).not.toContain('started');
  expect((await start('atStart')).status).toBe(202);
  await vi.waitFor(() => expect(seen(host)).toContain('started'), 15_000);
  await host.stop();
});

test.each([false, true])('a timer runs by its schedule, or by hand only; apart: %s', async (isApart) => {
  const app = join(import.meta.dirname, 'timer-app.ts');
  const [bySchedule, byHand] = await Promise.all([
    startFixture({ app, isApart }),
    startFixture({ app, isApart, areTimersByHand: true }),
  ]);
  await vi.waitFor(() => expect(seen(bySchedule).length).toBeGreaterThan(2), 15_000);
  expect(seen(byHand)).toEqual([]);
  await fetch(`${byHand.url}/admin/functions/everySecond`, { method: 'POST', body: '{}' });
  await vi.waitFor(() => expect(seen(byHand)).toHaveLength(1), 15_000);
  await Promise.all([bySchedule.stop(), byHand.stop()]);
});

test.each([
  ['SIGTERM', false],
  ['SIGINT', false],
  ['SIGTERM', true],
] as const)(
  '%s, apart %s: a running request is answered, hooks run, exit code 0',
  async (signal, isApart) => {
    const host = await startFixture({ isApart });
    const exited = once(host.process, 'exit');
    const answer = fetch(`${host.url}/api/slow`);
    await vi.waitFor(() => expect(seen(host)).toContain('slow'), 15_000);
    host.process.kill(signal);
    expect(await (await answer).text()).toBe('slow but whole');
    expect(await exited).toEqual([0, null]);
    await vi.waitFor(() => expect(host.log()).toContain('hook: terminate'), 15_000);
    expect(host.log()).toContain('hook: start');
    await expect(fetch(`${host.url}/api/slow`)).rejects.toThrow('fetch failed');
  },
);

test.each([false, true])('it ends when its parent lets go of it, apart: %s', async (isApart) => {
  const host = await startFixture({ isApart });
  const exited = once(host.process, 'exit');
  host.process.disconnect();
  expect(await exited).toEqual([0, null]);
});

test('a rejection that nobody handles is logged and ends the process with 1', async () => {
  const host = await startFixture();
  const exited = once(host.process, 'exit');
  await fetch(`${host.url}/api/floating`, { method: 'POST' }).catch(() => undefined);
  expect(await exited).toEqual([1, null]);
  await vi.waitFor(
    () => expect(host.log()).toMatch(/\[critical\].*unhandled rejection: Error: nobody awaits this/),
    15_000,
  );
});
