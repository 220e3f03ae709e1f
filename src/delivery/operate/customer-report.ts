import { sideBySide } from '../../lib/side-by-side.ts';
import { type HandPause, pauseHolds } from '../record/hand-pause.ts';
import type { FieldStates, Position } from '../record/position.ts';
import type { RecordReference } from '../record/record-filter.ts';
import type { LinkPage } from '../store/links.ts';
import type { Tables } from '../store/stores.ts';

/** A position for people. Times are ISO 8601. */
interface Written {
  /** Absent: the change has no time of its own. */
  readonly occurredAt?: string;
  readonly receivedAt: string;
  readonly deliveryId: string;
  /** Absent: its record is not kept any more. */
  readonly source?: string;
}

/** A field, or an address of which DirectScale refuses a value as a whole. */
interface KnownField extends Partial<Written> {
  readonly path: string;
  readonly inDoubt?: Written;
  /** DirectScale refuses the value that came last, since then (ISO 8601): it is left out while it is the same. */
  readonly refused?: { readonly at: string; readonly reason: string };
}

/** What the relay knows of a customer. No values: it has none. */
export interface CustomerReport {
  readonly customerId: string;
  readonly fields: readonly KnownField[];
  readonly links: LinkPage;
  /** Those by hand that hold its changes. */
  readonly pauses: readonly HandPause[];
  /** It was written to too often; ISO 8601. */
  readonly pausedUntil?: string;
  /** It was forgotten on request; ISO 8601. */
  readonly forgottenAt?: string;
}

const linksShown = 100;
const readsAtATime = 16;
/** More changes are not looked up for their source. */
const changesRead = 64;

/** Reads the customer's state, its links and pauses, and of which source the changes were. Throws what storage throws. */
export async function reportCustomer(
  customerId: string,
  tables: Pick<Tables, 'states' | 'links' | 'pauses' | 'records'>,
  now: Date,
): Promise<CustomerReport> {
  const [state, links, pauses] = await Promise.all([
    tables.states.read(customerId),
    tables.links.list({ customerId }, linksShown),
    tables.pauses.read(now),
  ]);
  const { fields, writes, forgottenAt } = state;
  const { pausedUntil } = writes;
  const sources = await sourcesOf(customerId, fields, tables);
  const written = ({ occurredAt, receivedAt, changeId }: Position): Written => {
    const source = sources.get(changeId);
    return {
      ...(occurredAt !== undefined && { occurredAt: new Date(occurredAt).toISOString() }),
      receivedAt: new Date(receivedAt).toISOString(),
      deliveryId: changeId.split('/')[0] ?? '',
      ...(source !== undefined && { source }),
    };
  };
  return {
    customerId,
    fields: Object.entries(fields)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([path, { applied, inDoubt, refusal }]) => {
        const refused = refusal?.is === 'refused' ? refusal : undefined;
        if (!applied && !inDoubt && !refused) return [];
        return {
          path,
          ...(applied && written(applied)),
          ...(inDoubt && { inDoubt: written(inDoubt) }),
          ...(refused && { refused: { at: new Date(refused.at).toISOString(), reason: refused.reason } }),
        };
      }),
    links,
    pauses: pauses.byHand.filter((pause) =>
      pauseHolds(pause, ['all', `customer:${customerId}`], now.getTime()),
    ),
    ...(pausedUntil > now.getTime() && { pausedUntil: new Date(pausedUntil).toISOString() }),
    ...(forgottenAt > 0 && { forgottenAt: new Date(forgottenAt).toISOString() }),
  };
}

/**
 * The sources of the changes that the states name, by change id, as far as their records are kept: by the copies in the
 * customer's index, and by the records of those that have none there.
 */
async function sourcesOf(
  customerId: string,
  fields: FieldStates,
  { records, states }: Pick<Tables, 'records' | 'states'>,
): Promise<ReadonlyMap<string, string>> {
  const positions = Object.values(fields).flatMap(({ applied, inDoubt }) => [applied, inDoubt]);
  const changeIds = new Set(positions.flatMap((position) => position?.changeId ?? []));
  const changes = [...changeIds].toSorted().slice(-changesRead).map(referenceOf);
  const [oldest, newest] = [changes[0], changes.at(-1)];
  if (!oldest || !newest) return new Map();
  const noted = await states.copiesOf(customerId, oldest, newest);
  const sources = new Map(
    noted.flatMap(({ record }) => (record ? [[idOf(record), record.source] as const] : [])),
  );
  const others = changes.filter((change) => !sources.has(idOf(change)));
  await sideBySide(others, readsAtATime, async (change) => {
    const stored = await records.read(change);
    if (stored) sources.set(idOf(change), stored.record.source);
  });
  return sources;
}

const idOf = ({ deliveryId, index }: RecordReference): string => `${deliveryId}/${index}`;

function referenceOf(changeId: string): RecordReference {
  const [deliveryId = '', index] = changeId.split('/');
  return { deliveryId, index: Number(index) };
}
