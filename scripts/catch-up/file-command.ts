import { stat } from 'node:fs/promises';
import { bar, duration, progressLine } from '../../cli/progress-line.ts';
import { printable } from '../../cli/table.ts';
import { emptyReport, type Finding, type Mode, type Report } from '../../src/catch-up/report.ts';
import type { RelayApi } from '../relay-api.ts';
import { openFindings } from './findings-file.ts';
import { type ImportProgress, importRows } from './import-file.ts';
import { findingHeader, findingLine, findingsToShow, reportText } from './report-text.ts';
import { rowsOf } from './rows.ts';
import { progressFileOf } from './saved-progress.ts';

export interface FileOptions {
  readonly source: string;
  readonly file: string;
  readonly mode: Mode;
  readonly repair: boolean;
  /** True: begins with the first row, whatever an earlier run did. */
  readonly restart: boolean;
  /** When the file was made; absent: when it was changed last. */
  readonly asOf: Date | undefined;
  /** A CSV file for what somebody may want to look at. */
  readonly findings: string | undefined;
  readonly json: boolean;
}

/** Imports a file, and goes on where an earlier run of the same file was stopped. Returns the report so far. */
export async function importFile(options: FileOptions, api: RelayApi): Promise<Report> {
  const { file, source, mode } = options;
  const { size, mtime } = await stat(file);
  const kept = await progressFileOf(file, { source, mode: options.repair ? 'repair' : mode });
  const saved = options.restart ? undefined : await kept.read();
  const readAt = options.asOf ?? (saved ? new Date(saved.readAt) : mtime);
  console.error(
    `The values are taken as of ${readAt.toISOString()}${options.asOf ? '' : ', when the file was changed last; see --as-of'}.`,
  );
  if (saved) console.error(`Goes on after row ${saved.rows}, where it was stopped.`);
  const before = saved ?? { rows: 0, bytesRead: 0, report: emptyReport };
  const stop = stopOnSignal();
  const showsProgress = progressOf(before, size);
  const written = await openFindings(options.findings, { goesOn: saved !== undefined });
  const printed: string[] = [];
  const onFinding = (finding: Finding, row: number) => {
    written.add(finding, row);
    if (
      finding.outcome !== 'applied' &&
      finding.outcome !== 'would-change' &&
      printed.length < findingsToShow
    )
      printed.push(findingLine(finding, row));
  };
  const save = (progress: ImportProgress) =>
    kept.write({
      source,
      mode: options.repair ? 'repair' : mode,
      bytes: size,
      changedAt: mtime.toISOString(),
      readAt: readAt.toISOString(),
      ...progress,
    });
  try {
    const progress = await importRows(rowsOf(file), api, {
      source,
      readAt,
      mode,
      repair: options.repair,
      before,
      signal: stop.signal,
      async onProgress(at, waitingFor) {
        showsProgress.show(at, waitingFor);
        await save(at);
      },
      onFinding,
    });
    showsProgress.clear();
    print(progress, printed, options);
    if (stop.signal.aborted) {
      console.error(`Stopped after row ${progress.rows}. Run it again: it goes on there (${kept.path}).`);
      process.exitCode = 1;
    } else await kept.remove();
    return progress.report;
  } finally {
    showsProgress.clear();
    stop.release();
    await written.close();
  }
}

function print({ report }: ImportProgress, findings: readonly string[], { json, mode }: FileOptions): void {
  if (json) {
    console.log(JSON.stringify(report, null, 2));
    return;
  }
  console.log(reportText(report));
  if (findings.length > 0) console.log(printable([findingHeader, ...findings].join('\n')));
  if (mode === 'dry-run') console.log('Nothing was written.');
}

/** Ctrl-C: what was sent is waited for. A second one ends the program at once. */
export function stopOnSignal(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const stop = () => {
    controller.abort();
    release();
    console.error('\nStops when what was sent is done; once more stops at once.');
  };
  const release = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, release };
}

function progressOf(before: ImportProgress, bytes: number) {
  const line = progressLine(process.stderr);
  const begun = performance.now();
  return {
    clear: line.clear,
    show({ rows, bytesRead }: ImportProgress, waitingFor?: string) {
      const seconds = (performance.now() - begun) / 1000;
      const part = bytes > 0 ? Math.min(1, bytesRead / bytes) : 1;
      const done = rows - before.rows;
      const partDone = part - before.bytesRead / Math.max(1, bytes);
      const left = partDone > 0 ? duration((seconds * (1 - part)) / partDone) : '?';
      const pace = `${(done / Math.max(1, seconds)).toFixed(0)}/s, ${left} left`;
      line.show(`${bar(part)}  ${rows} rows, ${waitingFor ? `waits for ${printable(waitingFor)}` : pace}`);
    },
  };
}
