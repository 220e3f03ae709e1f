import { setTimeout as delay } from 'node:timers/promises';
import { RelayFailure } from '../../cli/errors.ts';
import { added, type Finding, type Mode, type Report } from '../../src/catch-up/report.ts';
import type { importReport } from '../../src/http/read-reports.ts';
import type { RelayApi } from '../relay-api.ts';
import type { Row } from './rows.ts';

type Imported = ReturnType<typeof importReport>;

/** How far an import is. */
export interface ImportProgress {
  /** Rows of the file, from the first one on, that are done. */
  readonly rows: number;
  readonly bytesRead: number;
  readonly report: Report;
}

export interface ImportOptions {
  readonly source: string;
  readonly readAt: Date;
  readonly mode: Mode;
  readonly repair: boolean;
  /** What an earlier run did: its rows are skipped. */
  readonly before: ImportProgress;
  /** Aborted: what was sent is waited for, and no more is sent. */
  readonly signal: AbortSignal;
  /** Told of each step, and of each finding by its row. */
  onProgress(progress: ImportProgress, waitingFor?: string): Promise<void> | void;
  onFinding(finding: Finding, row: number): void;
}

/** Below the limits of the relay (1000 payloads, MAX_BODY_BYTES as shipped); one call takes seconds. */
const batch = { rows: 200, bytes: 400_000 };
/** A relay, or a DirectScale, that does not come back for so long: somebody has to look. */
const patienceMs = 15 * 60_000;
const longestWaitMs = 60_000;

/**
 * Sends the payloads of a file to the relay, one part after the other, each when the one before is done. Throws what the
 * relay answered if it does not go on: what is done stays done.
 */
export async function importRows(
  rows: AsyncIterable<Row>,
  api: RelayApi,
  options: ImportOptions,
): Promise<ImportProgress> {
  let progress = options.before;
  let waiting: Row[] = [];
  let bytes = 0;
  const send = async () => {
    while (waiting.length > 0 && !options.signal.aborted) {
      const done = await sendPart(waiting, api, progress, options);
      progress = done;
      waiting = waiting.filter(({ row }) => row > done.rows);
    }
    bytes = 0;
  };
  for await (const row of rows) {
    if (options.signal.aborted) break;
    if (row.row <= options.before.rows) continue;
    if (waiting.length >= batch.rows || bytes + row.json.length > batch.bytes) await send();
    waiting.push(row);
    bytes += Buffer.byteLength(row.json) + 1;
  }
  await send();
  return progress;
}

/** Sends rows until at least one of them is done. */
async function sendPart(
  rows: readonly Row[],
  api: RelayApi,
  before: ImportProgress,
  options: ImportOptions,
): Promise<ImportProgress> {
  const query = new URLSearchParams({
    readAt: options.readAt.toISOString(),
    mode: options.mode,
    repair: String(options.repair),
  });
  const path = `import/${encodeURIComponent(options.source)}?${query}`;
  // Not as JSON Lines: a row may be an array itself.
  const body = `[${rows.map(({ json }) => json).join()}]`;
  const giveUpAt = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    const answer = await sent(api, path, body);
    const { done } = answer;
    if (done > 0) return advanced(rows, answer, before, options);
    const failure =
      answer.failure ??
      new RelayFailure(`The relay cannot go on: ${answer.stopped?.reason ?? 'it is too slow'}.`);
    if (Date.now() > giveUpAt || options.signal.aborted) throw failure;
    const asked = (answer.stopped?.retryAfterSeconds ?? 0) * 1000;
    const waitMs = Math.min(longestWaitMs, Math.max(asked, 500 * 2 ** attempt));
    await options.onProgress(before, answer.stopped?.reason ?? 'the relay');
    await delay(waitMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function sent(
  api: RelayApi,
  path: string,
  body: string,
): Promise<Pick<Imported, 'done' | 'report' | 'findings' | 'stopped'> & { readonly failure?: RelayFailure }> {
  try {
    return await api.send<Imported>('POST', path, body);
  } catch (error) {
    if (!(error instanceof RelayFailure && error.isTemporary)) throw error;
    return { done: 0, report: { read: 0, outcomes: {}, fields: {} }, findings: [], failure: error };
  }
}

async function advanced(
  rows: readonly Row[],
  { done, report, findings }: Pick<Imported, 'done' | 'report' | 'findings'>,
  before: ImportProgress,
  { onFinding, onProgress }: ImportOptions,
): Promise<ImportProgress> {
  // Whoever goes on from a row that is not there sends the same part for ever.
  if (done > rows.length) throw new RelayFailure(`The relay says ${done} of ${rows.length} rows are done.`);
  for (const { index, ...finding } of findings) onFinding(finding, rows[index]?.row ?? 0);
  const last = rows[done - 1];
  const progress = {
    rows: last?.row ?? before.rows,
    bytesRead: last?.bytesRead ?? before.bytesRead,
    report: added(before.report, report),
  };
  await onProgress(progress);
  return progress;
}
