/** `npm run send -- <source> [file]`: signs a payload as the source's vendor does and sends it to the running stack. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sourcesOf } from './relay-file.ts';
import { followDelivery, sendDelivery } from './sender.ts';
import { stateFolder } from './stack.ts';

const [source = '', file] = process.argv.slice(2);
const sources = await sourcesOf();
const entry = sources[source];
if (!entry) {
  console.error(
    `usage: npm run send -- <source> [file]\nsources in relay.json: ${Object.keys(sources).join(', ')}`,
  );
  process.exit(2);
}
const running = await readFile(join(stateFolder, 'stack.json'), 'utf8').catch(() => undefined);
if (!running) {
  console.error('No stack is running here: start one with npm start.');
  process.exit(1);
}
const { relay, functionKey } = JSON.parse(running) as { relay: string; functionKey?: string };
const response = await sendDelivery(relay, source, entry, file);
console.log(`${response.status} ${response.statusText} ${response.headers.get('location') ?? ''}`);
const outcome = await followDelivery(response, functionKey);
console.log(JSON.stringify(await outcome.json(), null, 2));
if (!outcome.ok) process.exitCode = 1;
