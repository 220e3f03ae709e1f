/** Loaded into a process before its own code (`node --import`): tells over IPC what is left in use when asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: NodeJS.GCFunction = runInNewContext('gc');

process.on('message', async () => {
  // V8 holds emptied pages in reserve, after a burst of requests some 200 MiB: the last resort gives them back.
  await collectGarbage({ type: 'major', execution: 'async', flavor: 'last-resort' });
  const { rss, heapUsed, external } = process.memoryUsage();
  const connections = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  process.send?.({ rss, heap: heapUsed + external, connections });
});
