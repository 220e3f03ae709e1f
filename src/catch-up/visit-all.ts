import pLimit from 'p-limit';
import type { LookContext, OnRecorded } from '../delivery/attempt/attempt-change.ts';
import type { Read, Stopped } from '../delivery/attempt/deliver-read.ts';
import { measure } from '../telemetry/telemetry.ts';
import { added, emptyReport, type Finding, type Mode, type ReadOutcome, type Report } from './report.ts';
import { type Visited, visit } from './visit.ts';

/** A finding, with the position of its payload. */
export type PlacedFinding = Finding & { readonly index: number };

/** What came of payloads that were read together. */
export interface VisitedAll {
  /** So many of them, from the first one on, are done; report and findings are of these. */
  readonly done: number;
  readonly report: Report;
  /** What somebody may want to look at: not what is as it should be. */
  readonly findings: readonly PlacedFinding[];
  readonly stopped?: Stopped;
}

/** Few, because what live webhooks tell comes first. Of this process: all walks and imports share it. */
const lane = pLimit(4);

const asItShouldBe: ReadonlySet<ReadOutcome> = new Set(['unchanged', 'stale', 'ignored', 'agrees']);

/**
 * Visits payloads side by side, in no certain order, until the `deadline` (in ms since 1970) or until nobody can go on.
 * What is not done then is to be visited again, and so is some of what is: that does no harm. Throws as {@link visit} does.
 */
export async function visitAll(
  reads: readonly Read[],
  mode: Mode,
  deadline: number,
  context: LookContext,
  onRecorded: OnRecorded,
): Promise<VisitedAll> {
  let stopped: Stopped | undefined;
  const visits = await Promise.all(
    reads.map((read) =>
      lane(async () => {
        if (stopped || context.now().getTime() >= deadline) return undefined;
        const visited = await visit(read, mode, context, onRecorded);
        stopped ??= visited.stopped;
        return visited.stopped ? undefined : visited;
      }),
    ),
  );
  const firstLeft = visits.indexOf(undefined);
  const done = firstLeft < 0 ? visits.length : firstLeft;
  const visited = visits.slice(0, done).filter((one) => one !== undefined);
  const report = visited.map(reportOf).reduce(added, emptyReport);
  count(reads, report);
  return {
    done,
    report,
    findings: visited.flatMap(({ findings }, index) =>
      findings.filter(({ outcome }) => !asItShouldBe.has(outcome)).map((finding) => ({ ...finding, index })),
    ),
    ...(stopped && { stopped }),
  };
}

function reportOf({ findings }: Visited): Report {
  const outcomes: Partial<Record<ReadOutcome, number>> = {};
  const fields: Record<string, Record<string, number>> = {};
  for (const { outcome, fields: ofFinding } of findings) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    for (const { path, verdict } of ofFinding) {
      const what = verdict ?? outcome;
      const ofField = fields[path] ?? {};
      fields[path] = { ...ofField, [what]: (ofField[what] ?? 0) + 1 };
    }
  }
  return { read: 1, outcomes, fields };
}

function count([first]: readonly Read[], { outcomes }: Report): void {
  if (!first) return;
  const { source, foundBy } = first;
  for (const [outcome, number] of Object.entries(outcomes))
    measure('relay.reads', number, { source: source.name, foundBy, outcome });
}
