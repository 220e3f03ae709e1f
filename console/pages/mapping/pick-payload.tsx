import { useEffect } from 'preact/hooks';
import { ProblemNote } from '../../parts/page.tsx';
import type { Delivery, ListedChange, QueuedDelivery } from '../../relay/answers.ts';
import { useAnswer } from '../../relay/use-answer.ts';

interface PickPayloadProps {
  readonly changes: readonly ListedChange[];
  readonly chosen: string | undefined;
  readonly choose: (deliveryId: string) => void;
  readonly take: (payload: string, deliveryId: string) => void;
}

/** Takes the payload of a recorded delivery of this source. */
export function PickPayload({ changes, chosen, choose, take }: PickPayloadProps) {
  const kept = useAnswer<Delivery | QueuedDelivery>(
    chosen ? `deliveries/${encodeURIComponent(chosen)}?body=true` : undefined,
  );
  const body = kept.body && 'body' in kept.body ? kept.body.body : undefined;
  useEffect(() => {
    if (body !== undefined && chosen) take(readable(body), chosen);
  }, [body]);
  const ids = [...new Map(changes.map((change) => [change.deliveryId, change])).values()];
  return (
    <>
      <label>
        Recorded delivery
        <select value={chosen ?? ''} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          <option value="">none: paste below</option>
          {chosen && !ids.some(({ deliveryId }) => deliveryId === chosen) && (
            <option value={chosen}>{chosen}</option>
          )}
          {ids.map(({ deliveryId, receivedAt, status, reason, customerId }) => (
            <option key={deliveryId} value={deliveryId}>
              {`${receivedAt.slice(0, 19).replace('T', ' ')} UTC, ${status}${reason ? ` (${reason})` : ''}${customerId ? `, customer ${customerId}` : ''}`}
            </option>
          ))}
        </select>
      </label>
      {kept.problem && <ProblemNote problem={kept.problem} />}
      {chosen && kept.body && body === undefined && <p class="note">Its request is not kept any more.</p>}
    </>
  );
}

function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
