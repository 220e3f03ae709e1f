import { join } from 'node:path';
import { type FunctionHost, type FunctionHostOptions, startFunctionHost } from '../../local/function-host.ts';

const folder = import.meta.dirname;

/** The fixture app in a host of its own, with this folder's host.json. Its timers run by their schedules, unless told otherwise. */
export function startFixture(options: Partial<FunctionHostOptions> = {}): Promise<FunctionHost> {
  return startFunctionHost({
    app: join(folder, 'fixture-app.ts'),
    folder,
    env: {},
    areTimersByHand: false,
    ...options,
  });
}

/** All facts that the fixture's functions have logged. */
export function seen(host: FunctionHost): unknown[] {
  return [...host.log().matchAll(/ seen: (.*)$/gm)].map(([, fact]) => JSON.parse(fact ?? ''));
}
