/** `npm run deliveries -- list|show|replay|forget|save`: what an operator sees and repeats, over the relay's HTTP API. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, runCommand } from '../cli/commands.ts';
import { Unusable, UsageError } from '../cli/errors.ts';
import { changesAtOnce } from '../src/http/change-filter.ts';
import type { ChangePage, DeliveryReport, QueuedDelivery, ReplayedAll } from './deliveries/answers.ts';
import { changeTable, deliveryText } from './deliveries/format.ts';
import { parsePointInTime } from './deliveries/point-in-time.ts';
import { redactedSample } from './deliveries/redact.ts';
import { listPages } from './list-pages.ts';
import { type RelayApi, relayApi } from './relay-api.ts';

const usage = `usage: npm run deliveries -- <command>
  list   [--status S] [--reason R] [--source S] [--found-by F] [--customer ID] [--since T] [--until T] [--limit 50] [--json]
  show   <delivery> [--body]
  replay <delivery>
  replay [--status parked] [--reason R] [--source S] [--found-by F] [--customer ID] [--since T] [--until T]
  forget <customer>
  save   <delivery> [--to samples]   a sample of it for npm run test-mappings: its form, with made-up values
F: catch-up, backfill, import, repair (what no webhook told)
T: ISO 8601 (UTC where it names no zone), today, yesterday, or a span back: 30min, 2h, 3d
Which relay: --url, else RELAY_URL, else the local stack. Its function key: RELAY_KEY, in the environment only.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const filterOptions = {
  status: text,
  reason: text,
  source: text,
  'found-by': text,
  customer: text,
  since: text,
  until: text,
};

const commands: Readonly<Record<string, Command>> = {
  async list(args) {
    const options = { ...filterOptions, limit: { ...text, default: '50' }, json: flag, url: text };
    const { values } = parse(args, options, 0);
    const query = queryOf(values);
    const api = await relayApi(values.url, process.env);
    const { items: changes, isAll } = await listPages(values.limit, changesAtOnce, query, async (page) => {
      const { changes, next } = await api.call<ChangePage>('GET', `deliveries?${page}`);
      return { items: changes, next };
    });
    if (values.json) console.log(JSON.stringify(changes, null, 2));
    else console.log(changes.length > 0 ? changeTable(changes) : 'Nothing matches.');
    if (!isAll) console.error(`There is more: these are the newest ${changes.length}; see --limit.`);
  },

  async show(args) {
    const { values, subject } = parse(args, { body: flag, url: text }, 1);
    const api = await relayApi(values.url, process.env);
    const path = `deliveries/${encodeURIComponent(subject)}${values.body ? '?body=true' : ''}`;
    const delivery = await api.call<DeliveryReport | QueuedDelivery>('GET', path);
    console.log(deliveryText(delivery));
    if (values.body && 'changes' in delivery && delivery.body === undefined)
      console.error('No body is kept of this delivery.');
  },

  async save(args) {
    const { values, subject } = parse(args, { to: { ...text, default: 'samples' }, url: text }, 1);
    const api = await relayApi(values.url, process.env);
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
    const { values, subject } = parse(args, { ...filterOptions, url: text }, 'either');
    const query = queryOf(values);
    if ((subject === '') === (query.size === 0)) {
      throw new UsageError('replay one delivery, or all that match at least one of the filters');
    }
    const api = await relayApi(values.url, process.env);
    if (!subject) return replayAll(query, api);
    const path = `deliveries/${encodeURIComponent(subject)}/replay`;
    console.log(deliveryText(await api.call<DeliveryReport>('POST', path)));
  },

  async forget(args) {
    const { values, subject } = parse(args, { url: text }, 1);
    const api = await relayApi(values.url, process.env);
    const path = `customers/${encodeURIComponent(subject)}/deliveries`;
    const { deletedRecords } = await api.call<{ deletedRecords: number }>('DELETE', path);
    console.log(`Customer ${subject} is forgotten. Records deleted: ${deletedRecords}.`);
  },
};

async function replayAll(query: URLSearchParams, api: RelayApi): Promise<void> {
  let replayed = 0;
  let notReplayed = 0;
  let next: string | undefined;
  do {
    if (next) query.set('from', next);
    const done = await api.call<ReplayedAll>('POST', `deliveries/replay?${query}`);
    replayed += done.replayed;
    notReplayed += done.notReplayed;
    next = done.next;
    if (next) console.error(`${replayed + notReplayed} so far …`);
  } while (next);
  console.log(`Replayed: ${replayed}. Could not be replayed: ${notReplayed}.`);
}

/** The query of the API that the filter options say. */
function queryOf(values: Partial<Record<keyof typeof filterOptions, string | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['status', 'reason', 'source', 'customer'] as const) {
    if (values[name] !== undefined) query.set(name, values[name]);
  }
  if (values['found-by'] !== undefined) query.set('foundBy', values['found-by']);
  const now = new Date();
  for (const name of ['since', 'until'] as const) {
    const given = values[name];
    if (given === undefined) continue;
    const time = parsePointInTime(given, now);
    if (!time) throw new UsageError(`--${name} ${given} is not a time`);
    query.set(name, time.toISOString());
  }
  return query;
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Options,
  subjects: 0 | 1 | 'either',
) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const wanted = subjects === 'either' ? Math.min(positionals.length, 1) : subjects;
  if (positionals.length !== wanted) {
    throw new UsageError(wanted === 1 ? 'name one, and only one' : 'too many arguments');
  }
  return { values, subject: positionals[0] ?? '' };
}

await runCommand(commands, usage);
