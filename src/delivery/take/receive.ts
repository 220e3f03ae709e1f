import { forbiddenFieldsOf, type Source } from '../../config/source.ts';
import { readSourceSecrets } from '../../config/source-secrets.ts';
import type { Change } from '../../domain/change.ts';
import type { Violation } from '../../domain/violation.ts';
import { mergeChanges } from '../../mapping/merge-changes.ts';
import { validateChanges } from '../../mapping/validate-changes.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import {
  type KeptRequest,
  type DeliveryContent as KindContent,
  MalformedDelivery,
  type Reply,
  type SourceKind,
  type WebhookRequest,
} from '../../sources/kind.ts';

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
  | Exclude<KindContent, { type: 'changes' }>
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
  let known = await readSourceSecrets(source, secrets);
  const handshake = kind.handshake?.(request, { options, secrets: known, now });
  if (handshake) return { type: 'handshake', reply: handshake };

  if (!kind.verify(request, { options, secrets: known, now })) {
    // The vendor may sign with a secret that was put into the vault after we last looked.
    known = await readSourceSecrets(source, secrets, 'refresh');
    if (!kind.verify(request, { options, secrets: known, now })) return { type: 'refused' };
    const late = kind.handshake?.(request, { options, secrets: known, now });
    if (late) return { type: 'handshake', reply: late };
  }

  try {
    return await readDelivery(source, keep(request, kind), now);
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
  const { id: senderId, topic, content } = source.kind.read(request, source.options);
  const delivery = { senderId, topic, request };
  if (content.type !== 'changes') return { ...delivery, ...content };
  const mapped = await mapPayload(source, content.payload, receivedAt);
  if (Array.isArray(mapped)) return { ...delivery, type: 'changes', changes: mapped };
  return { ...delivery, type: 'unmappable', violations: mapped.violations };
}

/** Of an authentic request what its kind reads, without the secrets in it. */
export function keep(
  { headers, body }: Pick<WebhookRequest, 'headers' | 'body'>,
  kind: Pick<SourceKind, 'headersRead' | 'withoutSecret'>,
): KeptRequest {
  return {
    headers: new Headers([...headers].filter(([name]) => kind.headersRead?.test(name))),
    body: kind.withoutSecret?.(body) ?? body,
  };
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
): Promise<Change[] | { readonly violations: readonly Violation[] }> {
  const result = source.mapping
    ? await source.mapping.map(payload, receivedAt, readAt, { strict: true })
    : validateChanges(payload, receivedAt, readAt, { strict: true });
  if (!result.ok) return { violations: result.violations };
  const changes = result.elements.flatMap((element) => (element.type === 'change' ? [element.change] : []));
  const violations = changes.flatMap(({ fields }) => forbiddenFieldsOf(fields, source.forbidden));
  if (violations.length > 0) return { violations };
  const taken = changes.flatMap(({ changedBy, ...change }) =>
    changedBy !== undefined && source.ignoreChangedBy.has(changedBy) ? [] : [change],
  );
  return mergeChanges(taken);
}
