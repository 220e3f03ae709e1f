import type { HttpResponseInit } from '@azure/functions';
import { pausedByHand } from '../delivery/record/hand-pause.ts';
import type { Outcome } from '../delivery/record/outcome.ts';
import type { DeliveryRecord, Status } from '../delivery/record/record.ts';
import type { Violation } from '../domain/violation.ts';
import { withoutEmailAddresses } from '../lib/without-email-addresses.ts';
import { problem } from './problem.ts';

/** What a reader of the API is told of one change: ids, field names, statuses and DirectScale's words; never values. */
export function changeReport(record: DeliveryRecord) {
  const {
    deliveryId: _,
    source: __,
    topic: ___,
    foundBy: ____,
    receivedAt: _____,
    turn: ______,
    ...change
  } = record;
  return change;
}

/**
 * A line of the list: a change with the delivery that it came in. `fields` are those that the change sets; what of them was
 * not written is in `dropped` and `leftOut`.
 */
export function listedChange(record: DeliveryRecord) {
  const { deliveryId, source, topic, foundBy, receivedAt, attempts } = record;
  const { attempts: _, violations, recordId, note, ...change } = changeReport(record);
  return {
    deliveryId,
    source,
    ...(topic && { topic }),
    ...(foundBy && { foundBy }),
    receivedAt,
    ...change,
    ...(recordId !== undefined && { recordId: withoutEmailAddresses(recordId) }),
    ...(note !== undefined && { note: withoutEmailAddresses(note) }),
    ...(violations.length > 0 && { violations }),
    lastAttempt: attempts.at(-1),
  };
}

/** A whole delivery with the timeline of each change. */
export function deliveryReport(records: readonly DeliveryRecord[]) {
  const [first] = records;
  if (!first) throw new Error('a delivery has at least one record');
  const { deliveryId, source, topic, foundBy, receivedAt } = first;
  return {
    deliveryId,
    status: deliveryStatus(records),
    source,
    ...(topic && { topic }),
    ...(foundBy && { foundBy }),
    receivedAt,
    changes: records.map(changeReport),
  };
}

/** That of its changes which most needs attention. */
const byAttention: readonly Status[] = [
  'pending',
  'parked',
  'returned',
  'applied',
  'unchanged',
  'stale',
  'ignored',
];

/** The status of a delivery as a whole. */
export function deliveryStatus(records: readonly DeliveryRecord[]): Status {
  return byAttention.find((status) => records.some((record) => record.status === status)) ?? 'ignored';
}

/** Seconds until it is worth asking again for a delivery that is pending. */
export function secondsToAsk(records: readonly DeliveryRecord[], now: Date): number {
  const next = records.flatMap(({ status, nextAttemptAt }) =>
    status === 'pending' ? [nextAttemptAt ? Date.parse(nextAttemptAt) - now.getTime() : 0] : [],
  );
  // At most a minute: a replay or the end of an outage may come before the next attempt.
  return Math.min(60, Math.max(2, Math.ceil(Math.min(...next) / 1000)));
}

/** The answer for a change that was not applied in the call, and why. */
export function notAppliedProblem(
  outcome: Exclude<Outcome, { follows: 'done' }>,
  members: Readonly<Record<string, unknown>>,
): HttpResponseInit {
  const { status, requestId, message, reason } = outcome.told;
  if (outcome.follows === 'park') {
    const { violations } = outcome;
    const upstream = status === undefined ? {} : { upstream: { status, requestId, message } };
    return refusedProblem(outcome.reason, { violations, members: { ...members, ...upstream } });
  }
  switch (reason) {
    case 'customer-busy':
    case 'newer-change-in-doubt':
      return problem('customer-busy', {
        detail: 'Another change to this customer is being written. Send the request again.',
        retryAfterSeconds: 5,
        members,
      });
    case 'too-many-writes':
      return problem('customer-paused', {
        detail:
          'So many changes were written to this customer that two systems seem to overwrite each other. Find out which, and send the request again later.',
        ...(outcome.waitMs !== undefined && { retryAfterSeconds: outcome.waitMs / 1000 }),
        members,
      });
    case pausedByHand:
      return problem('paused-by-hand', {
        detail: 'An operator has paused writing. Send the request again later.',
        ...(outcome.follows === 'hold' && { retryAfterSeconds: outcome.waitMs / 1000 }),
        members,
      });
    case 'secret-missing':
    case 'secret-store-unavailable':
      return problem('secrets-unavailable', {
        detail: 'GET /api/health/details says which secret and why.',
        members,
      });
    default: {
      const waitMs =
        outcome.follows === 'retry' ? (outcome.waitMs ?? outcome.outage?.waitMs) : outcome.waitMs;
      const upstream = status === undefined ? {} : { upstream: { status, requestId } };
      return postponed(reason ?? outcome.told.outcome, waitMs, { ...members, ...upstream });
    }
  }
}

/** The answer for a change that was parked by an earlier attempt. */
export function parkedProblem(record: DeliveryRecord): HttpResponseInit {
  const { deliveryId, reason = '', attempts, violations } = record;
  const { status, requestId, message } = attempts.at(-1) ?? {};
  const members = { deliveryId, reason, upstream: { status, requestId, message } };
  return refusedProblem(reason, { violations, members });
}

function refusedProblem(
  reason: string,
  {
    violations = [],
    members,
  }: { readonly violations?: readonly Violation[] | undefined; readonly members: object },
): HttpResponseInit {
  const more = { members: { ...members } };
  if (reason === 'rejected' || reason === 'customer-not-found') {
    const byField = violations.length > 0 ? { violations } : {};
    return problem(reason, { detail: refusals[reason], ...byField, ...more });
  }
  if (reason === 'address-incomplete') return problem(reason, { detail: incomplete, violations, ...more });
  return problem('upstream-unavailable', {
    detail: 'The change is parked. Find out why with GET /api/deliveries/{id}, and replay it.',
    ...more,
  });
}

const incomplete =
  'DirectScale takes whole addresses only, and does not hold what the request leaves out. Send what is listed under violations along.';

const refusals = {
  rejected:
    'DirectScale rejected the change; its words are in upstream.message, or under violations for each field that it was asked for alone.',
  'customer-not-found':
    'DirectScale has no customer with this id. It takes the internal id, not the Back Office ID.',
} as const;

const misconfigurations: Readonly<Record<string, string>> = {
  'key-rejected': 'DirectScale refuses the subscription key: put the right one into the vault.',
  forbidden: 'DirectScale forbids the call: check the subscription and its IP rules.',
  'not-the-api':
    'The DirectScale address is not that of the API: check DIRECTSCALE_ENVIRONMENT and DIRECTSCALE_BASE_URL.',
};

function postponed(
  reason: string,
  waitMs: number | undefined,
  members: Readonly<Record<string, unknown>>,
): HttpResponseInit {
  const detail = misconfigurations[reason];
  if (detail) {
    return problem('upstream-misconfigured', {
      detail,
      retryAfterSeconds: 60,
      members: { reason, ...members },
    });
  }
  return problem('upstream-unavailable', {
    detail: 'DirectScale cannot take the change now. Send the request again after the time in Retry-After.',
    ...(waitMs !== undefined && { retryAfterSeconds: waitMs / 1000 }),
    members: { reason, ...members },
  });
}
