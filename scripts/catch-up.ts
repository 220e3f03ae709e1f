/** `npm run catch-up -- <source>`: writes what no webhook told, from a file or from the vendor, over the relay's HTTP API. */
import { UsageError } from '../cli/errors.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { importFile } from './catch-up/file-command.ts';
import { parsePointInTime } from './deliveries/point-in-time.ts';
import { relayApi } from './relay-api.ts';

const usage = `usage: npm run catch-up -- <source> --file export.csv|.jsonl|.json [options]
  --file F       payloads for the source's mapping: CSV with a header, JSON Lines, or a JSON array
  --as-of T      when the values of the file were right; what came by webhook since then stands. Absent: the file's own time
  --dry-run      only say how many customers would change, in which fields
  --findings C   write every customer that was written or that is a problem into this CSV file
  --json         the report as JSON
Ctrl-C stops it; run again, it goes on where it stopped.
T: ISO 8601 (UTC where it names no zone), today, yesterday, or a span back: 30min, 2h, 3d
Which relay: --url, else RELAY_URL, else the local stack. Its function key: RELAY_KEY, in the environment only.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  file: text,
  'as-of': text,
  'dry-run': flag,
  findings: text,
  json: flag,
  url: text,
} as const;

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(args, options, [1, 1]);
  const [source = ''] = positionals;
  const { file } = values;
  if (file === undefined) throw new UsageError('say what is to be read: --file');
  const api = await relayApi(values.url, process.env);
  await importFile(
    {
      source,
      file,
      mode: values['dry-run'] ? 'dry-run' : 'write',
      repair: false,
      asOf: timeOf('as-of', values['as-of']),
      findings: values.findings,
      json: values.json,
    },
    api,
  );
});

function timeOf(option: string, given: string | undefined): Date | undefined {
  if (given === undefined) return undefined;
  const time = parsePointInTime(given, new Date());
  if (!time) throw new UsageError(`--${option} ${given} is not a time`);
  return time;
}
