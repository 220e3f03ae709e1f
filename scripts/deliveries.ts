/** `npm run deliveries -- list|issues|show|replay|customer|pause|…`: what an operator sees and does, over the relay's HTTP API. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, runCommand } from '../cli/commands.ts';
import { Unusable, UsageError } from '../cli/errors.ts';
import { changesAtOnce } from '../src/http/change-filter.ts';
import type { IssueReplay } from '../src/http/operator-answers.ts';
import type { ChangePage, DeliveryReport, QueuedDelivery, ReplayedAll } from './deliveries/answers.ts';
import { filterOptions, flag, parse, queryOf, relayOptions, text } from './deliveries/arguments.ts';
import { changeTable, deliveryText } from './deliveries/format.ts';
import { operateCommands } from './deliveries/operate.ts';
import { redactedSample } from './deliveries/redact.ts';
import { listPages } from './list-pages.ts';
import { type RelayApi, relayApi } from './relay-api.ts';

const usage = `usage: npm run deliveries -- <command>
  list     [<filter>] [--limit 50] [--json]
  issues   [--status open|muted] [--source S] [--json]   what is parked or left out, by cause
  show     <delivery> [--body]
  replay   <delivery>
  replay   <filter> [--dry-run]      parked ones, unless the filter names a status; --dry-run says how many
  replay   --issue <issue> [--dry-run]
  mute     <issue>; unmute <issue>
  customer <customer> [--compare [--values]] [--json]   what is known of it; does DirectScale hold it?
  forget   <customer>
  save     <delivery> [--to samples] a sample of it for npm run test-mappings: its form, with made-up values
  pause    all|source:<name>|customer:<id> --note "why" [--until T | --for 2h]
  resume   all|source:<name>|customer:<id>
  pauses   [--json]
  acts     [--act A] [--limit 50] [--json]   what operators did
filter: [--status S] [--reason R] [--source S] [--found-by F] [--customer ID] [--field F] [--record ID] [--left-out]
        [--since T] [--until T]
F of --found-by: catch-up, backfill, import, repair (what no webhook told)
T: ISO 8601 (UTC where it names no zone), today, yesterday, or a span back: 30min, 2h, 3d
Who acts: --as, else RELAY_OPERATOR, else your name on this machine. It is noted, and nobody checks it.
Which relay: --url, else RELAY_URL, else the local stack. Its function key: RELAY_KEY, in the environment only.`;

const commands: Readonly<Record<string, Command>> = {
  async list(args) {
    const options = { ...filterOptions, limit: { ...text, default: '50' }, json: flag, ...relayOptions };
    const { values } = parse(args, options, 0);
    const query = queryOf(values);
    const api = await relayApi(values, process.env);
    const { items: changes, isAll } = await listPages(values.limit, changesAtOnce, query, async (page) => {
      const { changes, next } = await api.call<ChangePage>('GET', `deliveries?${page}`);
      return { items: changes, next };
    });
    if (values.json) console.log(JSON.stringify(changes, null, 2));
    else console.log(changes.length > 0 ? changeTable(changes) : 'Nothing matches.');
    if (!isAll) console.error(`There is more: these are the newest ${changes.length}; see --limit.`);
  },

  async show(args) {
    const { values, subject } = parse(args, { body: flag, ...relayOptions }, 1);
    const api = await relayApi(values, process.env);
    const path = `deliveries/${encodeURIComponent(subject)}${values.body ? '?body=true' : ''}`;
    const delivery = await api.call<DeliveryReport | QueuedDelivery>('GET', path);
    console.log(deliveryText(delivery));
    if (values.body && 'changes' in delivery && delivery.body === undefined)
      console.error('No body is kept of this delivery.');
  },

  async save(args) {
    const { values, subject } = parse(args, { to: { ...text, default: 'samples' }, ...relayOptions }, 1);
    const api = await relayApi(values, process.env);
    const path = `deliveries/${encodeURIComponent(subject)}?body=true`;
    const { deliveryId, source, topic, body } = await api.call<DeliveryReport>('GET', path);
    if (body === undefined) throw new Unusable('No body is kept of this delivery.');
    const folder = join(values.to, source);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${deliveryId}.json`);
    await writeFile(file, redactedSample(body), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? new Unusable(`${file} is there already.`) : error;
    });
    console.log(
      `Saved: ${file}${topic ? `, of ${topic}` : ''}. Every value is made up; look at it before you commit it.`,
    );
  },

  async replay(args) {
    const options = { ...filterOptions, ...relayOptions, issue: text, 'dry-run': flag };
    const { values, subject } = parse(args, options, 'either');
    const query = queryOf(values);
    const given = [subject !== '', query.size > 0, values.issue !== undefined].filter(Boolean);
    if (given.length !== 1)
      throw new UsageError('replay one delivery, one issue, or all that match at least one of the filters');
    if (subject && values['dry-run']) throw new UsageError('--dry-run is for several, not for one delivery');
    const api = await relayApi(values, process.env);
    if (!subject) {
      const path = values.issue === undefined ? 'deliveries' : `issues/${encodeURIComponent(values.issue)}`;
      return replayAll(`${path}/replay`, query, values['dry-run'], api);
    }
    const path = `deliveries/${encodeURIComponent(subject)}/replay`;
    console.log(deliveryText(await api.call<DeliveryReport>('POST', path)));
  },

  async forget(args) {
    const { values, subject } = parse(args, relayOptions, 1);
    const api = await relayApi(values, process.env);
    const path = `customers/${encodeURIComponent(subject)}/deliveries`;
    const { deletedRecords } = await api.call<{ deletedRecords: number }>('DELETE', path);
    console.log(`Customer ${subject} is forgotten. Records deleted: ${deletedRecords}.`);
  },
};

/** Call by call, each as far as it goes in a minute. */
async function replayAll(
  path: string,
  query: URLSearchParams,
  isDryRun: boolean,
  api: RelayApi,
): Promise<void> {
  if (isDryRun) query.set('dryRun', 'true');
  let [deliveries, notReplayed, changes] = [0, 0, 0];
  let next: string | undefined;
  do {
    if (next) query.set('from', next);
    const done = await api.call<ReplayedAll | IssueReplay>('POST', `${path}?${query}`);
    deliveries += 'replayed' in done ? done.replayed : done.deliveries;
    notReplayed += done.notReplayed;
    changes += done.changes;
    next = done.next;
    if (next) console.error(`${deliveries + notReplayed} so far …`);
  } while (next);
  if (isDryRun)
    console.log(`Would be replayed: ${deliveries} deliveries with ${changes} such changes. Nothing was.`);
  else console.log(`Replayed: ${deliveries}. Could not be replayed: ${notReplayed}.`);
}

await runCommand({ ...commands, ...operateCommands }, usage);
