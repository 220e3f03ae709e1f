/** The process of a host that is apart from its app: see apart.ts. */
import { once } from 'node:events';
import * as z from 'zod';
import type { Ended, Start } from './apart.ts';
import { startHost } from './host.ts';
import type { Invocation, Invoked, LogLine } from './invoke.ts';
import { together } from './together.ts';

/** Made by the same code in the other process. */
const saidSchema = z.custom<readonly Ended[]>(Array.isArray);

const log: LogLine = (level, functionName, invocationId, message) => {
  process.stderr.write(`[${level}] ${functionName} ${invocationId} ${message}\n`);
};

const [start]: [Start] = (await once(process, 'message')) as [Start]; // the first message is this one
const invocations = new Map<string, PromiseWithResolvers<Invoked>>();
process.on('message', (message) => {
  for (const ended of saidSchema.parse(message)) {
    const invocation = invocations.get(ended.id);
    invocations.delete(ended.id);
    if ('invoked' in ended) invocation?.resolve(ended.invoked);
    else invocation?.reject(new Error(ended.failed));
  }
});
const ask = together<Invocation>((asked) => process.send?.({ invocations: asked }));

const { functions, streamingUri, options } = start;
const host = await startHost(
  {
    functions,
    ...(streamingUri !== undefined && { streamingUri }),
    invoke(invocation) {
      const ended = Promise.withResolvers<Invoked>();
      invocations.set(invocation.id, ended);
      ask(invocation);
      return ended.promise;
    },
  },
  options,
  log,
);
process.send?.({ port: host.port });

process.on('SIGTERM', () => void host.stop().then(() => process.exit(0)));
// A terminal's Ctrl-C reaches both processes: the app's tells this one when to stop.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(1));
