import { provideCoreModule, triggerOf } from '../../local/host/core-module.ts';

/** A function that is called over HTTP, as it is registered with Azure's worker. */
export interface Route {
  readonly name: string;
  /** Below `/api/`. */
  readonly route: string;
  readonly methods: readonly string[];
  readonly level: string;
}

const registrations = provideCoreModule(() => undefined);
await import('../../functions/index.ts');
const triggers = [...registrations.functions].map(([name, { metadata }]) => ({
  ...triggerOf(metadata).trigger,
  // The trigger has a name of its own.
  name,
}));
const isHttp = ({ type }: { readonly type: string }) => /^httptrigger$/i.test(type);

/** Every function that is called over HTTP. A level or a method that is not given is what Azure takes it for. */
export const routes: readonly Route[] = triggers
  .filter(isHttp)
  .map(({ name, route = name, methods = ['GET', 'POST'], authLevel = 'function' }) => ({
    name,
    route,
    methods,
    level: authLevel,
  }));

/** The names of the others: queues and timers start them. */
export const withoutRoute: readonly string[] = triggers
  .filter((trigger) => !isHttp(trigger))
  .map(({ name }) => name);
