import { odata, type TableClient } from '@azure/data-tables';
import { rowCharacters, textColumns, textOf } from '../delivery/store/columns.ts';
import { isConflict, isMissing, isOutdated, unless } from '../delivery/store/storage-errors.ts';
import { jsonOrUndefined } from '../lib/json.ts';
import { type GuardReport, guardReportSchema } from './guard.ts';
import { type Job, type JobState, jobStateSchema, neverBegun } from './walk.ts';

/** A state with its version. */
export interface StoredJobState {
  readonly state: JobState;
  /** Absent: there is no row yet. */
  readonly etag?: string;
}

/** The table of what is read from vendors: a row for each job of a source. */
export interface JobStates {
  read(source: string, job: Job): Promise<StoredJobState>;
  /** Writes a state if nobody else did since it was read. Returns the new ETag, or undefined if somebody was faster. */
  write(source: string, job: Job, state: JobState, etag: string | undefined): Promise<string | undefined>;
  /** Keeps what the last look at a subscription came to. */
  writeGuard(report: GuardReport): Promise<void>;
  /** How all sources stand. */
  standing(): Promise<Standing>;
}

/** How sources stand; one of which nothing is known is not there. */
export interface Standing {
  /** The last look at each subscription. */
  readonly guards: readonly GuardReport[];
  /** The catch-up, by source. */
  readonly catchUps: ReadonlyMap<string, JobState>;
}

const guardRow = 'subscription';
const catchUpRow: Job = 'catch-up';

/** A row that cannot be read is begun anew: it must not keep others back. */
const stateOf = (row: object): JobState =>
  jobStateSchema.safeParse(jsonOrUndefined(textOf('state', row))).data ?? neverBegun;

/** A state as its row holds it: without its last findings, if there are too many for a row. */
function textOfState(state: JobState): string {
  const text = JSON.stringify(state);
  const { walk } = state;
  if (text.length <= rowCharacters || !walk || walk.findings.length === 0) return text;
  const findings = walk.findings.slice(0, Math.floor(walk.findings.length / 2));
  return textOfState({ ...state, walk: { ...walk, findings } });
}

export function tableJobStates(table: TableClient): JobStates {
  return {
    async read(source, job) {
      const row = await unless(isMissing, undefined, () => table.getEntity(source, job));
      if (!row) return { state: neverBegun };
      return { state: stateOf(row), etag: String(Reflect.get(row, 'etag')) };
    },
    async write(source, job, state, etag) {
      const row = { partitionKey: source, rowKey: job, ...textColumns('state', textOfState(state)) };
      const lost = (error: unknown) => isConflict(error) || isOutdated(error) || isMissing(error);
      const written = await unless(lost, undefined, () =>
        etag ? table.updateEntity(row, 'Replace', { etag }) : table.createEntity(row),
      );
      return written?.etag;
    },
    async writeGuard(report) {
      const columns = textColumns('report', JSON.stringify(report));
      await table.upsertEntity({ partitionKey: report.source, rowKey: guardRow, ...columns }, 'Replace');
    },
    async standing() {
      const guards: GuardReport[] = [];
      const catchUps = new Map<string, JobState>();
      const filter = odata`RowKey eq ${guardRow} or RowKey eq ${catchUpRow}`;
      const rows = table.listEntities<{ partitionKey?: string; rowKey?: string }>({
        queryOptions: { filter },
      });
      for await (const row of rows) {
        if (row.rowKey === catchUpRow) catchUps.set(row.partitionKey ?? '', stateOf(row));
        else {
          const report = guardReportSchema.safeParse(jsonOrUndefined(textOf('report', row))).data;
          if (report) guards.push(report);
        }
      }
      return { guards, catchUps };
    },
  };
}
