import type { HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Applied } from '../delivery/apply.ts';
import type { CallResult } from '../directscale/client.ts';
import { problem } from './problem.ts';

/** What a caller is told of one change: ids, field names and DirectScale's status, never values. */
export function reportOf(result: Applied) {
  const { outcome, customerId, fields, status, requestId } = result;
  return { customerId, outcome, fields, upstream: { status, requestId } };
}

/** 503 with `Retry-After` for a change that DirectScale cannot take now. */
export function postponedProblem(
  result: Extract<CallResult, { outcome: 'unavailable' | 'misconfigured' }>,
): HttpResponseInit {
  const { reason, status, requestId } = result;
  const members = { reason, upstream: { status, requestId } };
  if (result.outcome === 'misconfigured') {
    return problem('upstream-misconfigured', {
      detail: misconfigurations[result.reason],
      retryAfterSeconds: 60,
      members,
    });
  }
  return problem('upstream-unavailable', {
    detail: 'DirectScale did not take the change. Send the request again after the time in Retry-After.',
    ...(result.retryAfterMs !== undefined && { retryAfterSeconds: result.retryAfterMs / 1000 }),
    members,
  });
}

const misconfigurations = {
  'key-rejected': 'DirectScale refuses the subscription key: put the right one into the vault.',
  forbidden: 'DirectScale forbids the call: check the subscription and its IP rules.',
  'not-the-api':
    'The DirectScale address is not that of the API: check DIRECTSCALE_ENVIRONMENT and DIRECTSCALE_BASE_URL.',
} as const;

/** One line for each change: ids, field names and DirectScale's answer. */
export function logApplied(
  context: InvocationContext,
  result: Applied,
  origin: { readonly source: string; readonly deliveryId: string },
): void {
  const { outcome, customerId, fields, status, requestId, message } = result;
  const line = `change ${outcome}: ${JSON.stringify({ ...origin, customerId, fields, status, requestId, message })}`;
  if (outcome === 'applied') context.log(line);
  else if (outcome === 'unavailable') context.warn(line);
  else context.error(line);
}
