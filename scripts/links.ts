/** `npm run links -- import|list|set|remove`: which record of a source is which customer, over the relay's HTTP API. */
import { writeFile } from 'node:fs/promises';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, runCommand } from '../cli/commands.ts';
import { Unusable, UsageError } from '../cli/errors.ts';
import { printable, table } from '../cli/table.ts';
import type { linkPageReport, linkReport } from '../src/http/link-report.ts';
import { linksAtOnce } from '../src/http/link-requests.ts';
import { openCsv } from './links/csv-links.ts';
import { importLinks, type Rejection } from './links/import-links.ts';
import { drawProgress } from './links/progress-bar.ts';
import { listPages } from './list-pages.ts';
import { relayApi } from './relay-api.ts';

const usage = `usage: npm run links -- <command>
  import <file.csv> [--source S] [--errors rejected.csv]
  list   [--source S] [--customer ID] [--limit 50] [--json]
  set    <source> <record> <customer>
  remove <source> <record>
The file's first line: source,recordId,customerId (or recordId,customerId, with --source)
Who acts: --as, else RELAY_OPERATOR, else your name on this machine. It is noted, and nobody checks it.
Which relay: --url, else RELAY_URL, else the local stack. Its function key: RELAY_KEY, in the environment only.`;

type Link = ReturnType<typeof linkReport>;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

const commands: Readonly<Record<string, Command>> = {
  async import(args) {
    const { values, subjects } = parse(args, { source: text, errors: text, url: text, as: text }, ['a file']);
    const api = await relayApi(values, process.env);
    await using file = await openCsv(subjects[0] ?? '', values.source);
    const progress = drawProgress(file.bytes, process.stderr);
    const imported = await importLinks(file.lines, api, progress.show).finally(progress.clear);
    const { written, unchanged, rejections, stopped } = imported;
    for (const { line, reason } of rejections) console.error(`line ${line}: ${printable(reason)}`);
    console.log(`Written: ${written}. Unchanged: ${unchanged}. Rejected: ${rejections.length}.`);
    if (rejections.length > 0) process.exitCode = 1;
    if (values.errors !== undefined) await writeRejected(values.errors, file.header, rejections);
    if (!stopped) return;
    console.error('Stopped before the end of the file. Run it again: what is written stays.');
    throw stopped;
  },

  async list(args) {
    const options = {
      source: text,
      customer: text,
      limit: { ...text, default: '50' },
      json: flag,
      url: text,
      as: text,
    };
    const { values } = parse(args, options, []);
    const query = new URLSearchParams();
    if (values.source !== undefined) query.set('source', values.source);
    if (values.customer !== undefined) query.set('customer', values.customer);
    const api = await relayApi(values, process.env);
    const { items: links, isAll } = await listPages(values.limit, linksAtOnce, query, async (page) => {
      const { links, next } = await api.call<ReturnType<typeof linkPageReport>>('GET', `links?${page}`);
      return { items: links, next };
    });
    if (values.json) console.log(JSON.stringify(links, null, 2));
    else console.log(links.length > 0 ? linkTable(links) : 'Nothing matches.');
    if (!isAll) console.error(`There is more: these are the first ${links.length}; see --limit.`);
  },

  async set(args) {
    const { values, subjects } = parse(args, { url: text, as: text }, ['a source', 'a record', 'a customer']);
    const [source = '', recordId = '', customerId] = subjects;
    const api = await relayApi(values, process.env);
    const link = await api.call<Link>('PUT', pathOf(source, recordId), { customerId });
    console.log(printable(`Linked: ${link.source} ${link.recordId} is customer ${link.customerId}.`));
  },

  async remove(args) {
    const { values, subjects } = parse(args, { url: text, as: text }, ['a source', 'a record']);
    const [source = '', recordId = ''] = subjects;
    const api = await relayApi(values, process.env);
    await api.call('DELETE', pathOf(source, recordId));
    console.log(printable(`Removed: ${source} ${recordId} is not linked any more.`));
  },
};

const pathOf = (source: string, recordId: string): string =>
  `links/${encodeURIComponent(source)}/${encodeURIComponent(recordId)}`;

function linkTable(links: readonly Link[]): string {
  const rows = links.map(({ source, recordId, customerId, origin, foundBy, since }) => [
    source,
    recordId,
    customerId,
    foundBy ? `${origin} by ${foundBy}` : origin,
    since,
  ]);
  return table([['source', 'record', 'customer', 'made by', 'since'], ...rows]);
}

/** The lines as they were, under the same header: to be corrected and imported. */
async function writeRejected(path: string, header: string, rejections: readonly Rejection[]): Promise<void> {
  await writeFile(path, [header, ...rejections.map((rejected) => rejected.text), ''].join('\n')).catch(
    (error: unknown) => {
      throw new Unusable(`${path} cannot be written: ${error instanceof Error ? error.message : 'unknown'}`);
    },
  );
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Options,
  wanted: readonly string[],
) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (positionals.length > wanted.length) throw new UsageError('too many arguments');
  const missing = wanted.slice(positionals.length);
  if (missing.length > 0 || positionals.includes('')) {
    throw new UsageError(`name ${(missing.length > 0 ? missing : wanted).join(', ')}`);
  }
  return { values, subjects: positionals };
}

await runCommand(commands, usage);
