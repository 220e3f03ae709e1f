import type { Source } from '../../config/source.ts';
import type { Change } from '../../domain/change.ts';
import type { LeftOut } from '../../domain/left-out.ts';
import type { Violation } from '../../domain/violation.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { withFreshSecrets } from '../../secrets/with-fresh-secrets.ts';
import type { Fetched, JsonValue } from '../../sources/kind.ts';
import { span } from '../../telemetry/telemetry.ts';
import { type Done, misconfigured, type Outcome, type Park } from '../record/outcome.ts';
import { mapRecord } from './map-payload.ts';
import { type Known, knownOf } from './read-delivery.ts';

export interface ReadContext {
  readonly sources: ReadonlyMap<string, Source>;
  readonly secrets: Secrets;
  /** Deadline of one call to a vendor, in ms. */
  readonly fetchTimeoutMs: number;
}

/** The change that a record makes. */
interface MappedRecord {
  readonly change: Change;
  readonly leftOut: readonly LeftOut[];
}

/** A record of which nothing can be used, and whose it is, as far as that could be read. */
interface UnusableRecord {
  readonly outcome: Park;
  readonly known: Known;
}

/**
 * Reads the record that an item of a thin delivery names, and maps it: the change, or what follows if there is none.
 * `receivedAt`: when the delivery came. Rejects with what reading a secret throws.
 */
export async function readRecord(
  item: JsonValue,
  sourceName: string,
  receivedAt: Date,
  { sources, secrets, fetchTimeoutMs }: ReadContext,
): Promise<MappedRecord | UnusableRecord | Outcome> {
  const source = sources.get(sourceName);
  if (!source?.kind.fetch)
    return unmappable([
      { path: '', message: 'the source is not in relay.json any more, or its kind has changed' },
    ]);
  const fetched = await span('read record', { kind: 'client' }, () =>
    fetchRecord(source, item, secrets, fetchTimeoutMs),
  );
  if (fetched.type !== 'found') return outcomeOf(fetched);

  const mapped = await mapRecord(source, fetched.payload, receivedAt, new Date());
  if (!mapped.ok) return unmappable(mapped.violations);
  const [element, another] = mapped.elements;
  if (another)
    return unmappable([{ path: '', message: 'one record must give one change, for one customer' }]);
  if (!element) return ignored('nothing of a customer changed');
  if (element.type === 'change') return element;
  return { outcome: unmappable(element.violations), known: knownOf(element) };
}

/** What follows if the vendor gave no record. */
function outcomeOf(fetched: Exclude<Fetched, { type: 'found' }>): Outcome {
  const status = 'status' in fetched && fetched.status !== undefined ? { status: fetched.status } : {};
  switch (fetched.type) {
    case 'gone':
      return ignored('the record is gone');
    case 'for-a-person':
      return {
        follows: 'park',
        reason: 'for-a-person',
        note: fetched.reason,
        told: { outcome: 'for-a-person' },
      };
    case 'refused-by-vendor':
      return misconfigured('refused-by-vendor', status);
    case 'unavailable':
      return {
        follows: 'retry',
        told: { outcome: 'unavailable', reason: 'vendor-unavailable', ...status },
        ...(fetched.retryAfterMs !== undefined && { waitMs: fetched.retryAfterMs }),
      };
  }
}

function unmappable(violations: readonly Violation[]): Park {
  return { follows: 'park', reason: 'unmappable', violations, told: { outcome: 'unmappable' } };
}

function ignored(reason: string): Done {
  return { follows: 'done', status: 'ignored', reason, told: { outcome: 'nothing' } };
}

function fetchRecord(
  { kind, options }: Source,
  item: JsonValue,
  secrets: Secrets,
  timeoutMs: number,
): Promise<Fetched> {
  return withFreshSecrets<Fetched>(
    secrets,
    async (secret) => kind.fetch?.(item, { options, secret, timeoutMs }) ?? { type: 'gone' },
  );
}
