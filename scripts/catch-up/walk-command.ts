import { setTimeout as delay } from 'node:timers/promises';
import { RelayFailure } from '../../cli/errors.ts';
import { duration, progressLine } from '../../cli/progress-line.ts';
import { printable } from '../../cli/table.ts';
import { emptyReport, type Finding, type Mode, type Report } from '../../src/catch-up/report.ts';
import type { walkReport, walkStepReport } from '../../src/http/read-reports.ts';
import type { RelayApi } from '../relay-api.ts';
import { stopOnSignal } from './file-command.ts';
import { type FindingsFile, openFindings } from './findings-file.ts';
import { findingHeader, findingLine, findingsToShow, reportText } from './report-text.ts';

type Step = ReturnType<typeof walkStepReport>;

interface Walks {
  readonly walks: { readonly backfill?: ReturnType<typeof walkReport> };
}

export interface WalkOptions {
  readonly source: string;
  /** Absent: all customers. */
  readonly since: Date | undefined;
  readonly mode: Mode;
  readonly repair: boolean;
  /** True: begins anew, whatever is under way. */
  readonly restart: boolean;
  /** A CSV file for what somebody may want to look at. */
  readonly findings: string | undefined;
  readonly json: boolean;
}

/** A relay that cannot be reached is asked again so often. */
const failuresInARow = 8;
const longestWaitMs = 30_000;

/**
 * Lets the relay walk over the customers of a vendor, step by step: the tokens stay where they are. Stopped, the walk stays
 * where it is, and the same command goes on with it. Returns the report so far.
 */
export async function walkCustomers(options: WalkOptions, api: RelayApi): Promise<Report> {
  const stop = stopOnSignal();
  try {
    const goesOn = !options.restart && (await isUnderWay(options, api, stop.signal));
    const written = await openFindings(options.findings, { goesOn });
    return await walk(options, api, written, stop.signal).finally(written.close);
  } finally {
    stop.release();
  }
}

/** Whether an earlier command was stopped before the end of its walk. */
async function isUnderWay({ source }: WalkOptions, api: RelayApi, signal: AbortSignal): Promise<boolean> {
  const stored = await patiently(() => api.call<Walks>('GET', pathOf(source)), signal);
  const walk = stored?.walks.backfill;
  return walk !== undefined && walk.endedAt === undefined;
}

async function walk(
  options: WalkOptions,
  api: RelayApi,
  written: FindingsFile,
  signal: AbortSignal,
): Promise<Report> {
  const { source, since, mode, repair } = options;
  const order = { mode, repair, ...(since && { since: since.toISOString() }) };
  const shown: string[] = [];
  const line = progressLine(process.stderr);
  const begun = performance.now();
  let first: Step | undefined;
  let step: Step | undefined;
  try {
    while (!signal.aborted) {
      // Named, so that a step whose answer is lost, asked for again, begins no other walk.
      const body = { ...order, ...(step ? { startedAt: step.startedAt } : { restart: options.restart }) };
      step = await patiently(() => api.call<Step>('POST', pathOf(source), body), signal);
      if (!step) break;
      if (!first) sayWhereItGoesOn(step);
      first ??= step;
      for (const finding of step.stepFindings) {
        written.add(finding);
        if (shown.length < findingsToShow && isToShow(finding)) shown.push(findingLine(finding));
      }
      line.show(progressText(step, first, (performance.now() - begun) / 1000));
      if (step.endedAt !== undefined) break;
      await delay(waitOf(step), undefined, { signal }).catch(() => undefined);
    }
  } finally {
    line.clear();
  }
  conclude(step, shown, options);
  return step?.report ?? emptyReport;
}

const pathOf = (source: string): string => `catch-up/${encodeURIComponent(source)}`;

function sayWhereItGoesOn({ startedAt, pages, stepFindings, report }: Step): void {
  const isNew = Date.now() - Date.parse(startedAt) < 60_000 || report.read === stepFindings.length;
  if (!isNew)
    console.error(`Goes on with the walk that was begun at ${startedAt} (${pages} pages are done).`);
}

const isToShow = ({ outcome }: Finding): boolean =>
  outcome !== 'applied' && outcome !== 'would-change' && outcome !== 'not-found';

/** What the relay answers; undefined: stopped meanwhile. Asks again if the relay cannot be reached. */
async function patiently<Answer>(
  ask: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RelayFailure && error.isTemporary) || failures >= failuresInARow) throw error;
      await delay(Math.min(longestWaitMs, 500 * 2 ** failures), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
    }
  }
}

function waitOf({ waits, isElsewhere }: Step): number {
  if (waits) return Math.min(longestWaitMs, Math.max(1000, Date.parse(waits.until) - Date.now()));
  return isElsewhere ? 5000 : 0;
}

/** How many there are, the vendors do not say. */
function progressText({ report, waits, isElsewhere }: Step, first: Step, seconds: number): string {
  const pace = ((report.read - first.report.read) / Math.max(1, seconds)).toFixed(0);
  const what = waits
    ? `waits for ${waits.reason}`
    : isElsewhere
      ? 'somebody else goes on with it'
      : `${pace}/s`;
  return printable(`${report.read} customers in ${duration(seconds)}, ${what}`);
}

function conclude(step: Step | undefined, shown: readonly string[], { json, mode }: WalkOptions): void {
  const report = step?.report ?? emptyReport;
  if (json) console.log(JSON.stringify(report, null, 2));
  else {
    console.log(reportText(report));
    if (shown.length > 0) console.log(printable([findingHeader, ...shown].join('\n')));
    if (mode === 'dry-run') console.log('Nothing was written.');
  }
  if (step?.failure !== undefined)
    throw new RelayFailure(`It ended before the last customer: ${step.failure}.`);
  if (step?.endedAt !== undefined) return;
  console.error('Stopped. Run it again: it goes on where it was; --restart begins anew.');
  process.exitCode = 1;
}
