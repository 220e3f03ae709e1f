import type { HttpResponseInit, InvocationContext } from '@azure/functions';
import { MalformedDelivery } from '../sources/kind.ts';
import { leaveOutSpan, measure } from '../telemetry/telemetry.ts';
import { type ProblemCode, ProblemError } from './problem.ts';

/** Of one source and reason one refusal is logged in so long, with how many there were since the line before. */
const lineEveryMs = 60_000;
/** Counts are handed on together: strangers decide how many there are. */
const measureEveryMs = 1000;

interface Refusals {
  /** Since the last line of the log. */
  unlogged: number;
  loggedAt: number;
  /** Since the metric was told last. */
  unmeasured: number;
  timer?: NodeJS.Timeout | undefined;
}

/** In place of the name of a source that is none: anybody can think names up. */
export const unknownSource = '(unknown)';

const known = new Map<string, Refusals>();

/**
 * Runs the handler of a request that everybody may send, and counts what it refuses: `source` is a configured name, or
 * {@link unknownSource}. Whatever is refused costs a line of the log, a span and a call of `note` once in a minute. Throws
 * what the handler throws.
 */
export async function countingRefusals(
  source: string,
  context: Pick<InvocationContext, 'warn'>,
  handle: () => Promise<HttpResponseInit>,
  note: (reason: ProblemCode) => void = () => undefined,
): Promise<HttpResponseInit> {
  try {
    return await handle();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason && count(source, reason, context)) note(reason);
    throw error;
  }
}

function reasonOf(error: unknown): ProblemCode | undefined {
  if (error instanceof MalformedDelivery) return 'malformed-body';
  return error instanceof ProblemError ? error.code : undefined;
}

/** Whether it was the first one in a minute. */
function count(source: string, reason: ProblemCode, context: Pick<InvocationContext, 'warn'>): boolean {
  const key = `${source} ${reason}`;
  const refusals = known.get(key) ?? { unlogged: 0, loggedAt: Number.NEGATIVE_INFINITY, unmeasured: 0 };
  known.set(key, refusals);
  refusals.unlogged++;
  refusals.unmeasured++;
  refusals.timer ??= setTimeout(() => {
    measure('relay.refusals', refusals.unmeasured, { source, reason });
    refusals.unmeasured = 0;
    refusals.timer = undefined;
  }, measureEveryMs).unref();
  if (Date.now() - refusals.loggedAt < lineEveryMs) {
    leaveOutSpan();
    return false;
  }
  context.warn(`webhook refused: ${JSON.stringify({ source, reason, count: refusals.unlogged })}`);
  refusals.unlogged = 0;
  refusals.loggedAt = Date.now();
  return true;
}
