import { table } from '../../cli/table.ts';
import { type Finding, type Report, readOutcomes } from '../../src/catch-up/report.ts';

const meanings: Readonly<Record<(typeof readOutcomes)[number], string>> = {
  applied: 'written to DirectScale',
  pending: 'in the queue: see npm run deliveries -- list --status pending',
  parked: 'cannot be written as they are',
  unchanged: 'as DirectScale has them already',
  stale: 'older than what was written',
  ignored: 'nothing of a customer changed, or forgotten on request',
  'not-found': 'no customer of DirectScale, as far as can be told',
  'would-change': 'would be written',
  agrees: 'agree with DirectScale',
  differs: 'differ from DirectScale',
};

const verdictNames: Readonly<Record<string, string>> = {
  agrees: 'agrees',
  missed: "differs: the source's value never came",
  drifted: 'differs: changed inside DirectScale',
  older: 'differs: a newer value was written',
  unknown: 'cannot be compared',
  'would-change': 'would be written',
};

/** The report for people: how many customers, and of each field how many. */
export function reportText({ read, outcomes, fields }: Report): string {
  const counted = readOutcomes.flatMap((outcome) => {
    const count = outcomes[outcome] ?? 0;
    return count > 0 ? [[`  ${count}`, outcome, meanings[outcome]]] : [];
  });
  const parts = [`Read: ${read}.`, ...(counted.length > 0 ? [table(counted)] : [])];
  const byField = Object.entries(fields).flatMap(([path, counts]) =>
    Object.entries(counts)
      .filter(([what]) => verdictNames[what] !== undefined)
      .map(([what, count]) => [path, verdictNames[what] ?? what, String(count)]),
  );
  if (byField.length > 0) parts.push(table([['field', 'is', 'customers'], ...byField.toSorted()]));
  return parts.join('\n');
}

/** So many findings are printed; all of them are in the file that --findings names. */
export const findingsToShow = 20;

const columns = ['row', 'outcome', 'customerId', 'recordId', 'deliveryId', 'reason', 'fields'] as const;

/** RFC 4180. The header of {@link findingLine}. */
export const findingHeader = columns.join();

/** A finding as a line of CSV: ids, codes and names of fields. */
export function findingLine(finding: Finding, row?: number): string {
  const { outcome, customerId, recordId, deliveryId, reason, violations = [], fields } = finding;
  const why = [reason, ...violations.map(({ path, message }) => `${path} ${message}`.trim())];
  const which = fields
    .filter(({ verdict }) => verdict !== 'agrees')
    .map(({ path, verdict }) => (verdict ? `${path} ${verdict}` : path));
  const cells = [row, outcome, customerId, recordId, deliveryId, joined(why), joined(which)];
  return cells.map((cell) => quoted(String(cell ?? ''))).join();
}

const joined = (parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join('; ');

/** A cell that begins like a formula would be run by a spreadsheet. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t]/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
