import type { HttpResponseInit, InvocationContext } from '@azure/functions';
import { SecretMissing, SecretStoreUnavailable } from '../secrets/secret-store.ts';
import { MalformedDelivery } from '../sources/kind.ts';
import { measure } from '../telemetry/telemetry.ts';
import { isFirstInMinute } from './once-a-minute.ts';
import { type ProblemCode, ProblemError, secretsUnavailable } from './problem.ts';

/** Counts are handed on together: strangers decide how many there are. */
const measureEveryMs = 1000;

interface Refusals {
  /** Since the last line of the log: one a minute for each source and reason. */
  unlogged: number;
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
 * what the handler throws, a secret that cannot be read as the problem that it is to the caller: it is logged here.
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
    const refusal = refusalOf(error);
    if (refusal && count(source, refusal, context)) note(refusal.reason);
    throw refusal?.why === undefined ? error : secretsUnavailable();
  }
}

interface Refusal {
  readonly reason: ProblemCode;
  /** Which secret cannot be read, and why: for the log. */
  readonly why?: string;
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof MalformedDelivery) return { reason: 'malformed-body' };
  if (error instanceof SecretMissing || error instanceof SecretStoreUnavailable)
    return { reason: 'secrets-unavailable', why: `${error.code}: ${error.message}` };
  return error instanceof ProblemError ? { reason: error.code } : undefined;
}

/** Whether it was the first one in a minute. */
function count(source: string, { reason, why }: Refusal, context: Pick<InvocationContext, 'warn'>): boolean {
  const key = `${source} ${reason}`;
  const refusals = known.get(key) ?? { unlogged: 0, unmeasured: 0 };
  known.set(key, refusals);
  refusals.unlogged++;
  refusals.unmeasured++;
  refusals.timer ??= setTimeout(() => {
    measure('relay.refusals', refusals.unmeasured, { source, reason });
    refusals.unmeasured = 0;
    refusals.timer = undefined;
  }, measureEveryMs).unref();
  if (!isFirstInMinute(`refused ${key}`)) return false;
  context.warn(`webhook refused: ${JSON.stringify({ source, reason, count: refusals.unlogged, why })}`);
  refusals.unlogged = 0;
  return true;
}
