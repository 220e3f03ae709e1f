/**
 * `npm run check`: is everything right before it is deployed? Checks relay.json, every mapping (against the sample of
 * its kind) and every secret that the settings reach. Settings: the environment, else local.settings.json.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../cli/errors.ts';
import { useLocalSettings } from '../cli/local-settings.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { secretOptions } from '../local/secret-options.ts';
import { startVendors } from '../local/vendors.ts';
import { type Configuration, readConfiguration, type SourceEntry } from '../src/config/configuration.ts';
import { mappingProblem, placeOf } from '../src/config/load-sources.ts';
import type { Settings } from '../src/config/settings.ts';
import { signedAddress } from '../src/config/signed-address.ts';
import type { Source } from '../src/config/source.ts';
import { readSourceSecrets } from '../src/config/source-secrets.ts';
import { customerIdSchema } from '../src/domain/customer-id.ts';
import type { Violation } from '../src/domain/violation.ts';
import { type Relay, relayState } from '../src/relay.ts';
import { sourceKinds } from '../src/sources/index.ts';
import { placeholdersIn } from './add-source/placeholders.ts';
import { starterMapping } from './add-source/starter-mapping.ts';
import { bad, type Finding, ok, unsure } from './check/finding.ts';
import { isPlaceholder } from './check/placeholder-secrets.ts';
import { probeLookUps } from './check/probe.ts';
import { checkPayload, checkSample } from './check/sample.ts';
import { checkSubscriptions } from './check/subscriptions.ts';

const usage = `usage: npm run check -- [options]
  --probe ID                look this customer up in DirectScale by each of its references; only reads
  --payload SOURCE=FILE     try the mapping of a source with a payload of yours, too; may be repeated
  --subscriptions           ask the vendors whether they still send their webhooks to PUBLIC_URL; only reads
  --repair                  with --subscriptions: switch on, or register again, what is not as it should be
  --topic T                 what happened with it, for kinds that say it in a header: customers/update
Checks relay.json (or the file that RELAY_CONFIG names), every mapping with the sample of its kind, and every secret.`;

const options = {
  probe: { type: 'string' },
  payload: { type: 'string', multiple: true },
  topic: { type: 'string' },
  subscriptions: { type: 'boolean', default: false },
  repair: { type: 'boolean', default: false },
} as const;

const marks = { ok: 'ok  ', bad: 'BAD ', unsure: '?   ' } as const;
let problems = 0;

/** A payload of one's own, for one source. */
interface Payload {
  readonly source: string;
  readonly file: string;
}

function payloadOf(text: string): Payload {
  const [, source, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (!source || !file) throw new UsageError(`--payload must be SOURCE=FILE, not ${text}`);
  return { source, file };
}

async function checkSources(
  relay: Relay,
  { relayFile, folder }: Configuration,
  { payloads, topic }: { readonly payloads: readonly Payload[]; readonly topic: string | undefined },
): Promise<void> {
  const unknown = payloads.find(({ source }) => !Object.hasOwn(relayFile.sources, source));
  if (unknown) throw new UsageError(`There is no source ${unknown.source} for --payload`);
  const vendors = await startVendors();
  try {
    for (const [name, entry] of Object.entries(relayFile.sources)) {
      const source = relay.sources.get(name);
      const missing = await missingIn(name, entry, folder);
      for (const { words } of missing) report(bad(words));
      for (const { path, message } of relay.brokenSources.get(name) ?? []) {
        const isSaid = missing.some((part) => isAt(path, `sources.${name}.${part.path}`));
        if (!isSaid) report(bad(`${path}: ${message}`));
      }
      if (!source) continue;
      const problem = await mappingProblem(source);
      if (problem) report(bad(`${placeOf(name, 'mapping', relay.settings)}: ${problem}`));
      if (problem || missing.length > 0) continue;
      report(await checkSample(source, entry, vendors));
      if (source.kind.signsAddress) report(checkSignedAddress(source, relay.settings));
      for (const payload of payloads.filter((one) => one.source === name)) {
        report(await checkPayload(source, { file: payload.file, topic }));
      }
    }
  } finally {
    await vendors.close();
  }
}

/** Whether the sender signs the same address as the relay. */
function checkSignedAddress(source: Source, settings: Settings): Finding {
  const address = signedAddress(source, settings);
  return address === undefined
    ? unsure(
        `${source.name}: its sender signs the address that it calls: set PUBLIC_URL where a proxy stands before`,
      )
    : ok(`${source.name}: its sender signs the address that it calls: it must be ${address}`);
}

/** What `npm run add-source` left to be done in relay.json and in the mapping, by path. */
async function missingIn(
  name: string,
  { options, mapping }: SourceEntry,
  folder: string,
): Promise<{ path: string; words: string }[]> {
  const missing = placeholdersIn(options).map(({ path, form }) => ({
    path,
    words: `${name}: ${path} is still to be filled in: ${form}`,
  }));
  const text = mapping && (await readFile(resolve(folder, mapping), 'utf8').catch(() => ''));
  if (text === starterMapping) {
    missing.push({ path: 'mapping', words: `${name}: its mapping is still to be written: ${mapping}` });
  }
  return missing;
}

/** Whether a violation's path, which begins with that of the file, is this place or within it. */
function isAt(path: Violation['path'], place: string): boolean {
  return `${path}.`.includes(`: ${place}.`);
}

async function checkSecrets(
  relay: Relay,
  sources: Readonly<Record<string, SourceEntry>>,
  unusable: ReadonlyMap<string, string>,
): Promise<void> {
  const needed = new Set([relay.settings.DIRECTSCALE_KEY_SECRET]);
  const perhaps = new Map<string, string>();
  for (const [name, { kind, secrets, options = {} }] of Object.entries(sources)) {
    for (const secret of [...secrets, ...secretOptions(options).values()]) needed.add(secret);
    // One that only a default names: not every form of a kind needs it.
    const parsed = sourceKinds.get(kind)?.options.safeParse(options);
    for (const [option, secret] of secretOptions(parsed?.data))
      perhaps.set(secret, `${name}: options.${option}`);
  }
  for (const secret of new Set([...needed, ...perhaps.keys()])) {
    const isThere = relay.secrets.get(secret).then(
      (value) => {
        if (isPlaceholder(value))
          return bad(`secret ${secret}: is still the text of local.settings.sample.json`);
        const reason = unusable.get(secret);
        return reason ? bad(`secret ${secret}: ${reason}`) : ok(`secret ${secret}: there`);
      },
      ({ message }: Error) =>
        needed.has(secret)
          ? bad(`secret ${secret}: ${message}`)
          : unsure(`secret ${secret}: ${message}. It may be needed (${perhaps.get(secret)})`),
    );
    report(await isThere);
  }
}

/** Why secrets of the sources that are there cannot be keys, by name. */
async function unusableSecrets({ sources, secrets }: Relay): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for (const source of sources.values()) {
    const { unusable } = await readSourceSecrets(source, secrets).catch(() => ({ unusable: [] }));
    for (const [secret, reason] of unusable) reasons.set(secret, reason);
  }
  return reasons;
}

async function checkLookUps({ directScale }: Relay, customer: string): Promise<void> {
  const id = customerIdSchema.safeParse(customer);
  if (!id.success) return report(bad('--probe must be a DirectScale customer id: a positive whole number'));
  try {
    for (const { works, words } of await probeLookUps(id.data, directScale)) {
      report(works === undefined ? unsure(words) : works ? ok(words) : bad(words));
    }
  } catch (error) {
    // Without the subscription key nothing can be read.
    report(bad(`look-ups: ${error instanceof Error ? error.message : String(error)}`));
  }
}

function report({ is, words }: Finding): void {
  if (is === 'bad') problems++;
  console.log(`${marks[is]} ${words}`);
}

await runProgram(usage, async (args) => {
  const { probe, payload = [], topic, subscriptions, repair } = readArguments(args, options).values;
  if (repair && !subscriptions) throw new UsageError('--repair belongs to --subscriptions');
  const payloads = payload.map(payloadOf);
  await useLocalSettings();
  const { configuration, problems: misconfigured } = await readConfiguration(process.env);
  const state = await relayState();
  if (!configuration || 'problems' in state) {
    for (const { path, message } of misconfigured) report(bad(`${path}: ${message}`));
  } else {
    await checkSources(state.relay, configuration, { payloads, topic });
    await checkSecrets(state.relay, configuration.relayFile.sources, await unusableSecrets(state.relay));
    if (subscriptions) for (const finding of await checkSubscriptions(state.relay, repair)) report(finding);
    if (probe !== undefined) await checkLookUps(state.relay, probe);
  }
  console.log(problems === 0 ? 'All is well.' : `${problems} problem${problems === 1 ? '' : 's'}.`);
  process.exitCode = problems === 0 ? 0 : 1;
});
