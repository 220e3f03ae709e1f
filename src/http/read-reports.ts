import type { WalkedOn } from '../catch-up/make-walk.ts';
import type { Finding } from '../catch-up/report.ts';
import type { VisitedAll } from '../catch-up/visit-all.ts';
import type { Walk } from '../catch-up/walk.ts';
import { withoutEmailAddresses } from '../lib/without-email-addresses.ts';

/** What a reader of the API is told of payloads that were read: counts, ids and names of fields; never values. */
export function importReport({ done, report, findings, stopped }: VisitedAll) {
  return {
    done,
    report,
    findings: findings.map((finding) => ({ ...findingReport(finding), index: finding.index })),
    ...(stopped && { stopped: stoppedReport(stopped) }),
  };
}

export function findingReport<Found extends Finding>({ recordId, ...finding }: Found) {
  return { ...finding, ...(recordId !== undefined && { recordId: withoutEmailAddresses(recordId) }) };
}

export function stoppedReport({ reason, waitMs }: { readonly reason: string; readonly waitMs: number }) {
  return { reason, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}

/** How a walk stands. Where it goes on is the vendor's own word and the walk's, and of no use to anybody. */
export function walkReport({ at: _, doneOfPage: __, options: ___, findings, ...walk }: Walk) {
  return { ...walk, findings: findings.map(findingReport) };
}

/** What came of a step of a walk: `findings` are those of this step. */
export function walkStepReport({ state: { walk, leasedUntil }, findings }: WalkedOn, now: Date) {
  if (!walk) throw new Error('a walk that was begun is there');
  const { findings: _, ...report } = walkReport(walk);
  return {
    ...report,
    isElsewhere: leasedUntil > now.getTime(),
    stepFindings: findings.map(({ index: __, ...finding }) => findingReport(finding)),
  };
}
