import { isOutage, isThrottled, type Refusal } from '../../directscale/circuit-breaker.ts';
import type { CallResult, Failure } from '../../directscale/client.ts';
import { misconfigured, type Outcome, type Told } from '../record/outcome.ts';

/** What follows from a call to DirectScale that did not do what was asked. */
export function outcomeOfFailure(failure: Failure): Outcome {
  const told = wordsOf(failure);
  switch (failure.outcome) {
    case 'rejected':
    case 'customer-not-found':
      return { follows: 'park', reason: failure.outcome, told };
    case 'misconfigured':
      return misconfigured(failure.reason, told);
    case 'unavailable':
      return {
        follows: 'retry',
        told,
        ...(failure.retryAfterMs !== undefined && { waitMs: failure.retryAfterMs }),
      };
  }
}

/** What follows if no call was made, because the circuit breaker is open. */
export function outcomeOfRefusal({ reason, waitMs, since, isHalfOpen }: Refusal): Outcome {
  const told = { outcome: 'paused', reason };
  // Whether the outage goes on is not known before the probe ends: a slow one uses up nobody else's schedule.
  if (isOutage(reason) && isHalfOpen)
    return { follows: 'hold', told, waitMs: Math.max(waitMs, shortestProbeWaitMs) };
  // An outage uses up every change's schedule, not only that of the change that probes.
  if (isOutage(reason)) return { follows: 'retry', told, outage: { since, waitMs } };
  if (isThrottled(reason)) return { follows: 'hold', told, waitMs, standMs: waitMs };
  return { ...misconfigured(reason), told, standMs: waitMs };
}

/** A probe may take until its timeout, and thousands of changes may wait for it in the queue. */
const shortestProbeWaitMs = 5000;

/** What is told of a field that DirectScale refuses: for good, and so short. */
export function reasonOf({ status, message }: CallResult): string {
  const words = message?.replace(/\s+/g, ' ').slice(0, longestReason);
  return `DirectScale refuses it (${status})${words ? `: ${words}` : ''}`;
}

const longestReason = 200;

/** What the timeline tells of an answer: codes, ids and DirectScale's words. */
export function wordsOf(answer: CallResult): Told {
  const { outcome, status, requestId, message } = answer;
  return {
    outcome,
    ...('reason' in answer && { reason: answer.reason }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
    // What DirectScale says of a success tells nobody anything.
    ...(message !== undefined && outcome !== 'applied' && { message }),
  };
}
