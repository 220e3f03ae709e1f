import { forbiddenFieldsOf, type Source } from '../../config/source.ts';
import { readSourceSecrets } from '../../config/source-secrets.ts';
import type { Change } from '../../domain/change.ts';
import type { Violation } from '../../domain/violation.ts';
import { validateChanges } from '../../mapping/mapping.ts';
import { mergeChanges, whose } from '../../mapping/merge-changes.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { keepVerified } from '../../sources/kept-request.ts';
import {
  type DeliveryItem,
  type JsonValue,
  type KeptRequest,
  type DeliveryContent as KindContent,
  MalformedDelivery,
  type Reply,
  type WebhookRequest,
} from '../../sources/kind.ts';
import { readKept } from '../../sources/read-kept.ts';

/** What became of one webhook request. */
export type Received =
  | { readonly type: 'handshake'; readonly reply: Reply }
  | { readonly type: 'refused' }
  | { readonly type: 'malformed'; readonly detail: string }
  | AuthenticDelivery;

/** An authentic delivery, what it says, and what a replay needs. */
export type AuthenticDelivery = {
  /** Equal for every repeat of the delivery by its sender. */
  readonly senderId: string;
  readonly topic?: string | undefined;
  /** Absent: there is nothing but the changes. */
  readonly request?: KeptRequest;
} & DeliveryContent;

/** What an authentic delivery says, once it is mapped. */
export type DeliveryContent =
  | { readonly type: 'changes'; readonly changes: readonly Change[] }
  | Exclude<KindContent, { type: 'changes' | 'items' }>
  | { readonly type: 'items'; readonly items: readonly MappedItem[] }
  | { readonly type: 'unmappable'; readonly violations: readonly Violation[] };

/**
 * The way in: verify, read, map, validate. Touches nothing but the secrets; never calls DirectScale.
 * Throws what {@link Secrets} throws when no secret of the source can be read.
 */
export async function receive(
  source: Source,
  request: WebhookRequest,
  secrets: Secrets,
  now: Date,
): Promise<Received> {
  const { kind, options } = source;
  let { keys } = await readSourceSecrets(source, secrets);
  const handshake = kind.handshake?.(request, { options, keys, now });
  if (handshake) return { type: 'handshake', reply: handshake };

  let kept = keepVerified(kind, request, { options, keys, now });
  if (!kept) {
    // The vendor may sign with a secret that was put into the vault after we last looked.
    ({ keys } = await readSourceSecrets(source, secrets, 'refresh'));
    kept = keepVerified(kind, request, { options, keys, now });
    if (!kept) return { type: 'refused' };
    const late = kind.handshake?.(request, { options, keys, now });
    if (late) return { type: 'handshake', reply: late };
  }

  try {
    return await readDelivery(source, kept, now);
  } catch (error) {
    if (error instanceof MalformedDelivery) return { type: 'malformed', detail: error.message };
    throw error;
  }
}

/**
 * Reads and maps an authentic request, now or for a replay: `receivedAt` is when it came.
 * Throws {@link MalformedDelivery} for a body that cannot be read.
 */
export async function readDelivery(
  source: Source,
  request: KeptRequest,
  receivedAt: Date,
): Promise<AuthenticDelivery> {
  const { id: senderId, topic, content } = readKept(source.kind, request, source.options);
  const delivery = { senderId, topic, request };
  if (content.type === 'items')
    return { ...delivery, type: 'items', items: await mapItems(source, content.items, receivedAt) };
  if (content.type !== 'changes') return { ...delivery, ...content };
  const mapped = await mapPayload(source, content.payload, receivedAt);
  if (Array.isArray(mapped)) return { ...delivery, type: 'changes', changes: mapped };
  return { ...delivery, type: 'unmappable', violations: mapped.violations };
}

/** What one of several items comes to. */
export type MappedItem =
  | { readonly change: Change }
  /** What `fetch` of the kind needs to read the record. */
  | { readonly record: JsonValue }
  | { readonly forAPerson: string }
  | { readonly violations: readonly Violation[] };

/** Maps each item for itself, in their order; the changes of one customer are one, where the first of them stood. */
async function mapItems(
  source: Source,
  items: readonly DeliveryItem[],
  receivedAt: Date,
): Promise<MappedItem[]> {
  const changes: Change[] = [];
  const places = new Map<string, number>();
  const mapped: (readonly [place: number, MappedItem])[] = [];
  for (const [place, item] of items.entries()) {
    if (!('payload' in item)) {
      mapped.push([place, item]);
      continue;
    }
    const result = await mapPayload(source, item.payload, receivedAt);
    if (!Array.isArray(result)) mapped.push([place, { violations: result.violations }]);
    else
      for (const change of result) {
        changes.push(change);
        if (!places.has(whose(change))) places.set(whose(change), place);
      }
  }
  for (const change of mergeChanges(changes)) mapped.push([places.get(whose(change)) ?? 0, { change }]);
  return mapped.toSorted(([a], [b]) => a - b).map(([, item]) => item);
}

/**
 * Turns a payload into the changes that the source may make, one for each customer, or says everything that is wrong with
 * it. Changes by a user that the source is to ignore are left out.
 */
export async function mapPayload(
  source: Source,
  payload: unknown,
  receivedAt: Date,
  readAt = receivedAt,
): Promise<Change[] | { readonly violations: Violation[] }> {
  const result = source.mapping
    ? await source.mapping.map(payload, receivedAt, readAt)
    : validateChanges(payload, receivedAt, readAt);
  if (!result.ok) return { violations: result.violations };
  const violations = result.changes.flatMap(({ fields }) => forbiddenFieldsOf(fields, source.forbidden));
  if (violations.length > 0) return { violations };
  const taken = result.changes.flatMap(({ changedBy, ...change }) =>
    changedBy !== undefined && source.ignoreChangedBy.has(changedBy) ? [] : [change],
  );
  return mergeChanges(taken);
}
