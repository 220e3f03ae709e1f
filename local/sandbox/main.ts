/**
 * The sandbox as a process of its own. Prints one line of JSON when it is ready and runs until it is told to stop.
 * Exit code 2: the command makes no sense, or the port is in use.
 */
import { readArguments, readNumber, runProgram } from '../../cli/program.ts';
import { startSandbox } from './sandbox.ts';

const usage = 'usage: node local/sandbox/main.ts [--port 7073] [--key KEY]...';
const options = { port: { type: 'string', default: '0' }, key: { type: 'string', multiple: true } } as const;

await runProgram(usage, async (args) => {
  const { values } = readArguments(args, options);
  const sandbox = await startSandbox({
    port: readNumber('port', values.port, 0, 65_535),
    ...(values.key && { subscriptionKeys: values.key }),
  });
  console.log(JSON.stringify({ ready: true, url: sandbox.url }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
});
