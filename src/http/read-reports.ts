import type { Finding } from '../catch-up/report.ts';
import type { VisitedAll } from '../catch-up/visit-all.ts';
import { withoutEmailAddresses } from './without-email-addresses.ts';

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
