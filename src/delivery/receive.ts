import type { Change } from '../domain/change.ts';
import type { Violation } from '../domain/violation.ts';
import { validateChanges } from '../mapping/mapping.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { MalformedDelivery, type Reply, type WebhookRequest } from '../sources/source.ts';
import { forbiddenFieldsOf, type Source } from './source.ts';
import { readSourceSecrets } from './source-secrets.ts';

/** What became of one webhook request. */
export type Received =
  | { readonly type: 'handshake'; readonly reply: Reply }
  | { readonly type: 'refused' }
  | { readonly type: 'malformed'; readonly detail: string }
  | ({ readonly type: 'ignored'; readonly reason: string } & DeliveryId)
  | ({ readonly type: 'unmappable'; readonly violations: readonly Violation[] } & DeliveryId)
  | ({ readonly type: 'accepted'; readonly changes: readonly Change[] } & DeliveryId);

interface DeliveryId {
  readonly deliveryId: string;
  readonly topic?: string | undefined;
}

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
  }

  try {
    const { id: deliveryId, topic, content } = kind.read(request, options);
    if (content.type === 'ignored') return { type: 'ignored', reason: content.reason, deliveryId, topic };
    const mapped = await mapPayload(source, content.payload, now);
    return Array.isArray(mapped)
      ? { type: 'accepted', changes: mapped, deliveryId, topic }
      : { type: 'unmappable', violations: mapped.violations, deliveryId, topic };
  } catch (error) {
    if (error instanceof MalformedDelivery) return { type: 'malformed', detail: error.message };
    throw error;
  }
}

/** Turns a payload into the changes that the source may make, or says everything that is wrong with it. */
export async function mapPayload(
  source: Source,
  payload: unknown,
  now: Date,
): Promise<Change[] | { readonly violations: Violation[] }> {
  const result = source.mapping ? await source.mapping.map(payload, now) : validateChanges(payload, now);
  if (!result.ok) return { violations: result.violations };
  const violations = result.changes.flatMap(({ fields }) => forbiddenFieldsOf(fields, source.forbidden));
  return violations.length > 0 ? { violations } : result.changes;
}
