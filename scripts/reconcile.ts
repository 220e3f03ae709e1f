/** `npm run reconcile -- <source>`: compares what a source has with what DirectScale holds, over the relay's HTTP API. */
import { UsageError } from '../cli/errors.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { importFile } from './catch-up/file-command.ts';
import { walkCustomers } from './catch-up/walk-command.ts';
import { parsePointInTime } from './deliveries/point-in-time.ts';
import { relayApi } from './relay-api.ts';

const usage = `usage: npm run reconcile -- <source> [--file F [--as-of T]] [options]
Compares every customer of the source with DirectScale, field by field, and writes nothing.
  --file F       what the source has: .csv with a header, .jsonl, .json; absent: as the vendor's API has it
  --as-of T      with --file: when its values were right. Absent: the file's own time
  --repair       write what the source has, also over what somebody changed inside DirectScale; nothing newer is overwritten
  --csv C        each customer that differs, with its fields, into this CSV file
  --json         the report as JSON
  --restart      give up a walk that was stopped, and begin anew
Exit code 1: something differs, or it was stopped; run again, it goes on where it was.
Which relay: --url, else RELAY_URL, else the local stack. Its function key: RELAY_KEY, in the environment only.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  file: text,
  'as-of': text,
  repair: flag,
  csv: text,
  json: flag,
  restart: flag,
  url: text,
} as const;

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(args, options, [1, 1]);
  const [source = ''] = positionals;
  const { file, repair, csv, json, restart } = values;
  const asOf = values['as-of'] === undefined ? undefined : parsePointInTime(values['as-of'], new Date());
  if (values['as-of'] !== undefined && !asOf)
    throw new UsageError(`--as-of ${values['as-of']} is not a time`);
  if (asOf && file === undefined) throw new UsageError('--as-of belongs to --file');
  const api = await relayApi(values, process.env);
  const mode = repair ? ('write' as const) : ('compare' as const);
  const common = { source, mode, repair, restart, findings: csv, json };
  const { outcomes } =
    file === undefined
      ? await walkCustomers({ ...common, since: undefined }, api)
      : await importFile({ ...common, file, asOf }, api);
  if ((outcomes.differs ?? 0) > 0) process.exitCode = 1;
});
