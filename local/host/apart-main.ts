/** The process of a host that is apart from its app: see apart.ts. */
import { once } from 'node:events';
import * as z from 'zod';
import type { Start } from './apart.ts';
import { startHost } from './host.ts';
import type { Invoked, LogLine } from './invoke.ts';

/** How an invocation ended. Made by the same code in the other process. */
const endedSchema = z.object({
  id: z.string(),
  invoked: z.custom<Invoked>((value) => typeof value === 'object').optional(),
  failed: z.string().optional(),
});

const log: LogLine = (level, functionName, invocationId, message) => {
  process.stderr.write(`[${level}] ${functionName} ${invocationId} ${message}\n`);
};

const [start]: [Start] = (await once(process, 'message')) as [Start]; // the first message is this one
const invocations = new Map<string, PromiseWithResolvers<Invoked>>();
process.on('message', (message) => {
  const { id, invoked, failed } = endedSchema.parse(message);
  const invocation = invocations.get(id);
  invocations.delete(id);
  if (invoked) invocation?.resolve(invoked);
  else invocation?.reject(new Error(failed));
});

const { functions, streamingUri, options } = start;
const host = await startHost(
  {
    functions,
    ...(streamingUri !== undefined && { streamingUri }),
    invoke(invocation) {
      const ended = Promise.withResolvers<Invoked>();
      invocations.set(invocation.id, ended);
      process.send?.({ invocation });
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
