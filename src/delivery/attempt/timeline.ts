import type { CallResult } from '../../directscale/client.ts';
import type { Applied } from '../customer/apply.ts';
import type { Resolved } from '../customer/resolve.ts';
import type { Attempt } from '../record/record.ts';
import type { RecordRead } from './read-record.ts';

/** A secret could not be read. */
export interface NoSecret {
  readonly type: 'no-secret';
  readonly code: string;
}

/** Everything that an attempt can come to. */
export type Outcome =
  | Applied
  | Exclude<Resolved, { type: 'resolved' }>
  | Exclude<RecordRead, { type: 'read' }>
  | NoSecret;

/** The line of the timeline that an attempt leaves. */
export function attemptOf(result: Outcome, now: Date): Attempt {
  const at = now.toISOString();
  switch (result.type) {
    case 'applied':
    case 'refused':
    case 'failed':
      return { at, ...wordsOf(result.answer) };
    case 'paused':
      return { at, outcome: 'paused', reason: result.reason };
    case 'unresolved':
      return { at, outcome: result.reason };
    case 'incomplete':
      return { at, outcome: 'address-incomplete' };
    case 'customer-paused':
      return { at, outcome: 'customer-paused', reason: 'too-many-writes' };
    case 'waiting':
      return { at, outcome: 'waiting', reason: 'newer-change-in-doubt' };
    case 'no-secret':
      return { at, outcome: 'misconfigured', reason: result.code };
    case 'refused-by-vendor':
      return { at, outcome: 'misconfigured', reason: 'refused-by-vendor', ...statusOf(result) };
    case 'unavailable':
      return { at, outcome: 'unavailable', reason: 'vendor-unavailable', ...statusOf(result) };
    default:
      return { at, outcome: result.type };
  }
}

function wordsOf(answer: CallResult): Omit<Attempt, 'at'> {
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

function statusOf({ status }: { readonly status?: number }): { status?: number } {
  return status === undefined ? {} : { status };
}
