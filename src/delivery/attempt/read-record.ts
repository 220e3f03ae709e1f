import type { Source } from '../../config/source.ts';
import type { Change } from '../../domain/change.ts';
import type { Violation } from '../../domain/violation.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { Fetched, JsonValue } from '../../sources/kind.ts';
import { span } from '../../telemetry/telemetry.ts';
import { mapPayload } from '../take/receive.ts';

/** What reading the record that a thin event names came to. */
export type RecordRead =
  | { readonly type: 'read'; readonly change: Change }
  | { readonly type: 'unmappable'; readonly violations: readonly Violation[] }
  /** Nothing is to be applied. */
  | { readonly type: 'nothing'; readonly reason: string }
  | Extract<Fetched, { type: 'for-a-person' | 'unavailable' | 'refused-by-vendor' }>;

export interface ReadContext {
  readonly sources: ReadonlyMap<string, Source>;
  readonly secrets: Secrets;
  /** Deadline of one call to a vendor, in ms. */
  readonly fetchTimeoutMs: number;
}

/**
 * Reads the record that an item of a thin delivery names, and maps it. `receivedAt`: when the delivery came.
 * Rejects with what reading a secret throws.
 */
export async function readRecord(
  item: JsonValue,
  sourceName: string,
  receivedAt: Date,
  { sources, secrets, fetchTimeoutMs }: ReadContext,
): Promise<RecordRead> {
  const source = sources.get(sourceName);
  if (!source?.kind.fetch)
    return unmappable('the source is not in relay.json any more, or its kind has changed');
  const fetched = await span('read record', { kind: 'client' }, () =>
    fetchWithFreshSecrets(source, item, secrets, fetchTimeoutMs),
  );
  if (fetched.type === 'gone') return { type: 'nothing', reason: 'the record is gone' };
  if (fetched.type !== 'found') return fetched;

  const mapped = await mapPayload(source, fetched.payload, receivedAt, new Date());
  if (!Array.isArray(mapped)) return { type: 'unmappable', violations: mapped.violations };
  const [change, another] = mapped;
  if (another) return unmappable('one record must give one change, for one customer');
  return change ? { type: 'read', change } : { type: 'nothing', reason: 'nothing of a customer changed' };
}

/** Reads the record; once more with fresh secrets if the vendor refuses those that were used. */
async function fetchWithFreshSecrets(
  { kind, options }: Source,
  item: JsonValue,
  secrets: Secrets,
  timeoutMs: number,
): Promise<Fetched> {
  const used = new Map<string, string>();
  const secret = async (name: string): Promise<string> => {
    const value = await secrets.get(name);
    used.set(name, value);
    return value;
  };
  const read = async () => kind.fetch?.(item, { options, secret, timeoutMs }) ?? { type: 'gone' as const };
  const fetched = await read();
  if (fetched.type !== 'refused-by-vendor') return fetched;
  const fresh = await Promise.all(
    [...used].map(async ([name, value]) => (await secrets.refresh(name)) !== value),
  );
  return fresh.includes(true) ? read() : fetched;
}

function unmappable(message: string): RecordRead {
  return { type: 'unmappable', violations: [{ path: '', message }] };
}
