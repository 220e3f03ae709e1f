/**
 * The sandbox as a process of its own:
 *   node local/sandbox/main.ts [--port 7073] [--key KEY]...
 * Prints one line of JSON when it is ready and runs until it is told to stop.
 */
import { parseArgs } from 'node:util';
import { startSandbox } from './sandbox.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, key: { type: 'string', multiple: true } },
});

const sandbox = await startSandbox({
  port: Number(values.port),
  ...(values.key && { subscriptionKeys: values.key }),
});
console.log(JSON.stringify({ ready: true, url: sandbox.url }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
