import { setTimeout as delay } from 'node:timers/promises';
import type { Sandbox } from '../local/sandbox/sandbox.ts';
import type { WatchedHost } from './processes/children.ts';

const deadlineMs = 120_000;
const quietAfterMs = 600;
/** What a host that waits for messages uses in that time at most. */
const quietCpuMs = 30;

export const patches = ({ history }: Sandbox): number =>
  history.reduce((count, { method, applied }) => count + Number(method === 'PATCH' && applied), 0);

/** Resolves when DirectScale has so many more PATCHes than `before`, and the host rests. Throws after two minutes. */
export async function untilApplied(
  { sandbox, host }: { readonly sandbox: Sandbox; readonly host: WatchedHost },
  before: number,
  changes: number,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (patches(sandbox) - before < changes) {
    if (Date.now() > deadline) {
      throw new Error(
        `only ${patches(sandbox) - before} of ${changes} changes were applied:\n${host.log().slice(-2000)}`,
      );
    }
    await delay(50);
  }
  await untilQuiet(host);
}

/** Resolves when the host does nothing but wait. */
export async function untilQuiet(host: WatchedHost): Promise<void> {
  for (;;) {
    const { cpuMs: before } = await host.usage();
    await delay(quietAfterMs);
    const { cpuMs: after } = await host.usage();
    if (after - before < quietCpuMs) return;
  }
}
