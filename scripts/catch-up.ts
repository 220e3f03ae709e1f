/** `npm run catch-up -- <source>`: writes what no webhook told, from a file or from the vendor, over the relay's HTTP API. */
import { UsageError } from '../cli/errors.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { importFile } from './catch-up/file-command.ts';
import { walkCustomers } from './catch-up/walk-command.ts';
import { parsePointInTime } from './deliveries/point-in-time.ts';
import { relayApi } from './relay-api.ts';

const usage = `usage: npm run catch-up -- <source> --all | --since T | --file F [options]
  --all          ask the vendor for all customers
  --since T      ask the vendor for those that changed since then
  --file F       payloads for the source's mapping: .csv with a header, .jsonl (JSON Lines), .json (an array)
  --as-of T      with --file: when its values were right; what came by webhook since then stands. Absent: the file's own time
  --dry-run      only say how many customers would change, in which fields
  --findings C   list every customer that was written, or that is a problem, in this CSV file
  --restart      give up a walk that was stopped, and begin anew
  --json         the report as JSON
Ctrl-C stops it; run again, it goes on where it stopped.
T: ISO 8601 (UTC where it names no zone), today, yesterday, or a span back: 30min, 2h, 3d
Which relay: --url, else RELAY_URL, else the local stack. Its function key: RELAY_KEY, in the environment only.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  all: flag,
  since: text,
  file: text,
  'as-of': text,
  'dry-run': flag,
  restart: flag,
  findings: text,
  json: flag,
  url: text,
} as const;

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(args, options, [1, 1]);
  const [source = ''] = positionals;
  const { file, since, all, restart, findings, json } = values;
  const given = [all, since !== undefined, file !== undefined].filter(Boolean).length;
  if (given !== 1) throw new UsageError('say what is to be read: --all, --since or --file');
  const [asOf, sinceTime] = [timeOf('as-of', values['as-of']), timeOf('since', since)];
  if (asOf && file === undefined) throw new UsageError('--as-of belongs to --file');
  const api = await relayApi(values, process.env);
  const mode = values['dry-run'] ? ('dry-run' as const) : ('write' as const);
  const common = { source, mode, repair: false, restart, findings, json };
  if (file !== undefined) await importFile({ ...common, file, asOf }, api);
  else await walkCustomers({ ...common, since: sinceTime }, api);
});

function timeOf(option: string, given: string | undefined): Date | undefined {
  if (given === undefined) return undefined;
  const time = parsePointInTime(given, new Date());
  if (!time) throw new UsageError(`--${option} ${given} is not a time`);
  return time;
}
