import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideCoreModule } from './core-module.ts';
import { invoke, type LogLine, type Worker } from './invoke.ts';

/** An app that runs in this process. */
export interface LoadedApp extends Worker {
  /** Runs what the app wants to do before it ends. */
  terminate(): Promise<void>;
}

/** Loads an app as the Functions worker does. One app per process. Throws what the app's files throw. */
export async function loadApp(file: string, log: LogLine): Promise<LoadedApp> {
  const registrations = provideCoreModule((level, category, message) => {
    if (category === 'user' || level === 'error') log(level, 'host', '-', message);
  });
  await import(pathToFileURL(resolve(file)).href);
  registrations.locked = true;
  const { HttpUri } = (await registrations.model?.getCapabilities({})) ?? {};
  const hookData = {};
  for (const hook of registrations.hooks.appStart) await hook({ hookData });
  return {
    functions: [...registrations.functions.values()].map(({ metadata }) => metadata),
    // By address: under load a connection to a name with two addresses can be given up in favour of the other one.
    ...(HttpUri && { streamingUri: HttpUri.replace('localhost', '127.0.0.1') }),
    invoke: (invocation) => invoke(registrations, invocation, log),
    async terminate() {
      for (const hook of registrations.hooks.appTerminate) await hook({ hookData });
    },
  };
}
