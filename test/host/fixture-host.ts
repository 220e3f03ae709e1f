import { join } from 'node:path';
import { type FunctionHost, type FunctionHostOptions, startFunctionHost } from '../../local/function-host.ts';

const folder = import.meta.dirname;

/** The fixture app in a host of its own, with this folder's host.json. */
export function startFixture(options: Partial<FunctionHostOptions> = {}): Promise<FunctionHost> {
  return startFunctionHost({ app: join(folder, 'fixture-app.ts'), folder, env: {}, ...options });
}

/** All facts that the fixture's functions have logged. */
export function seen(host: FunctionHost): unknown[] {
  return [...host.log().matchAll(/ seen: (.*)$/gm)].map(([, fact]) => JSON.parse(fact ?? ''));
}
