/**
 * `npm run check`: is everything right before it is deployed? Checks relay.json, every mapping (against the sample of
 * its kind) and every secret that the settings reach. Settings: the environment, else local.settings.json.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Sender } from '../local/sender.ts';
import { appFolder } from '../src/config.ts';
import { readDelivery } from '../src/delivery/receive.ts';
import type { Source } from '../src/delivery/source.ts';
import { type Relay, relayState } from '../src/relay.ts';

let problems = 0;

await loadSettings();
const state = await relayState();
if ('problems' in state) {
  for (const { path, message } of state.problems) bad(`${path}: ${message}`);
} else {
  await checkRelay(state.relay);
}
console.log(problems === 0 ? 'All is well.' : `${problems} problem${problems === 1 ? '' : 's'}.`);
process.exitCode = problems === 0 ? 0 : 1;

async function checkRelay(relay: Relay): Promise<void> {
  for (const [name, violations] of relay.brokenSources) {
    for (const { path, message } of violations) bad(`${name}: ${path} ${message}`);
  }
  for (const source of relay.sources.values()) await checkSample(source);
  const names = [...relay.sources.values()].flatMap(({ secretNames }) => secretNames);
  for (const name of new Set([relay.settings.DIRECTSCALE_KEY_SECRET, ...names])) {
    await relay.secrets.get(name).then(
      () => good(`secret ${name}: there`),
      (error: Error) => bad(`secret ${name}: ${error.message}`),
    );
  }
}

/** Maps the sample of the source's kind and says which fields it would send. */
async function checkSample(source: Source): Promise<void> {
  // A mapping of one's own is for payloads that no sample knows.
  if (!source.kind.mapping && !source.kind.selfMapped) return;
  const folder = join(appFolder, 'test', 'fixtures', source.kind.name);
  const { sender } = (await import(pathToFileURL(join(folder, 'sender.ts')).href)) as { sender: Sender };
  const body = await readFile(join(folder, sender.sample));
  const headers = new Headers(
    sender.headers(body, 'whsec_c2FtcGxl', new Date(), new URL('https://relay.example.com')),
  );
  const delivery = await readDelivery(source, { headers, body }, new Date());
  switch (delivery.type) {
    case 'changes': {
      const fields = new Set(delivery.changes.flatMap((change) => Object.keys(change.fields)));
      return good(`${source.name}: the sample of ${source.kind.name} would send ${[...fields].join(', ')}`);
    }
    case 'unmappable':
      for (const { path, message } of delivery.violations)
        bad(`${source.name}: the sample gives ${path} ${message}`);
      return;
    default:
      return good(`${source.name}: the sample of ${source.kind.name} is ${delivery.type}`);
  }
}

/** The Values of local.settings.json, where the environment does not say otherwise. */
async function loadSettings(): Promise<void> {
  const text = await readFile(join(appFolder, 'local.settings.json'), 'utf8').catch(() => '{}');
  const { Values = {} } = JSON.parse(text) as { Values?: Record<string, string> };
  for (const [name, value] of Object.entries(Values)) process.env[name] ??= value;
  // Azure gives every function app its storage; here it does not matter which.
  process.env.AzureWebJobsStorage ??= 'UseDevelopmentStorage=true';
}

function good(line: string): void {
  console.log(`ok   ${line}`);
}

function bad(line: string): void {
  problems++;
  console.log(`BAD  ${line}`);
}
