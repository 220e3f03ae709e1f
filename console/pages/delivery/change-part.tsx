import { Copy } from '../../parts/copy.tsx';
import { Part } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Ago, spanText, Time } from '../../parts/time.tsx';
import { Violations } from '../../parts/violations.tsx';
import type { Attempt, Delivery, DeliveryChange } from '../../relay/answers.ts';
import { hashOf } from '../../view/address.ts';
import { whatToDo } from '../../view/words.ts';
import { type FieldOutcome, fieldOutcomes } from './field-outcomes.ts';

interface ChangePartProps {
  readonly change: DeliveryChange;
  readonly delivery: Delivery;
  /** The delivery has no other. */
  readonly isOnly: boolean;
}

/** One change: whose it is, its fields with what became of each, and its timeline. */
export function ChangePart({ change, delivery, isOnly }: ChangePartProps) {
  const { index, status, reason, note, violations } = change;
  return (
    <Part title={isOnly ? 'The change' : `Change ${index + 1}`} actions={!isOnly && <Status of={status} />}>
      {reason && (
        <div class={`callout ${status === 'parked' ? 'bad' : 'wait'}`}>
          <strong>{reason}</strong>
          {note && <p>{note}</p>}
          <p>{whatToDo[reason] ?? ''}</p>
        </div>
      )}
      <div class="columns">
        <div>
          <Facts change={change} delivery={delivery} />
          <Fields outcomes={fieldOutcomes(change)} />
          <Violations of={violations} />
        </div>
        <Timeline change={change} receivedAt={delivery.receivedAt} />
      </div>
    </Part>
  );
}

function Facts({ change, delivery }: Pick<ChangePartProps, 'change' | 'delivery'>) {
  const { customerId, recordId, occurredAt, mapping } = change;
  return (
    <dl class="facts">
      <dt>Customer</dt>
      <dd>
        {customerId ? (
          <a href={hashOf(['customers', customerId])}>{customerId}</a>
        ) : (
          <span class="none">not known</span>
        )}
      </dd>
      {recordId && (
        <>
          <dt>Record</dt>
          <dd>
            <a href={hashOf(['deliveries'], { source: delivery.source, record: recordId })}>{recordId}</a>
          </dd>
        </>
      )}
      {occurredAt && (
        <>
          <dt>Changed in the source</dt>
          <dd>
            <Time at={occurredAt} />
          </dd>
        </>
      )}
      {mapping && (
        <>
          <dt>Mapping</dt>
          <dd>
            <code title="The beginning of the SHA-256 of its text">{mapping}</code>
          </dd>
        </>
      )}
    </dl>
  );
}

function Fields({ outcomes }: { readonly outcomes: readonly FieldOutcome[] }) {
  if (outcomes.length === 0) return null;
  return (
    <table class="compact">
      <thead>
        <tr>
          <th>Field</th>
          <th>What became of it</th>
        </tr>
      </thead>
      <tbody>
        {outcomes.map(({ path, outcome, tone, why }) => (
          <tr key={path}>
            <td>
              <code>{path}</code>
            </td>
            <td>
              <span class={`dot ${tone}`}>{outcome}</span>
              {why && <small>{why}</small>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** From receipt to now; each attempt with what DirectScale said. */
function Timeline({ change, receivedAt }: { readonly change: DeliveryChange; readonly receivedAt: string }) {
  const { attempts, nextAttemptAt } = change;
  const start = Date.parse(receivedAt);
  return (
    <ol class="timeline" aria-label="Timeline">
      <li>
        <strong>received</strong>
        <Time at={receivedAt} />
      </li>
      {attempts.map((attempt) => (
        <AttemptLine key={attempt.at} attempt={attempt} afterMs={Date.parse(attempt.at) - start} />
      ))}
      {nextAttemptAt && (
        <li class="next">
          <strong>next attempt</strong> <Ago at={nextAttemptAt} />
          <Time at={nextAttemptAt} />
        </li>
      )}
    </ol>
  );
}

const toneOf = (outcome: string): string => {
  if (outcome === 'applied') return 'good';
  if (['unchanged', 'stale', 'nothing', 'replayed'].includes(outcome)) return 'quiet';
  return ['busy', 'unavailable', 'waiting', 'paused', 'customer-paused', 'misconfigured'].includes(outcome)
    ? 'wait'
    : 'bad';
};

function AttemptLine({ attempt, afterMs }: { readonly attempt: Attempt; readonly afterMs: number }) {
  const { at, outcome, reason, status, requestId, message } = attempt;
  return (
    <li class={toneOf(outcome)}>
      <strong>{outcome}</strong>
      {reason && reason !== outcome && <span class="reason">{reason}</span>}
      <span class="after">{afterMs >= 0 && `${spanText(afterMs)} after receipt`}</span>
      <Time at={at} />
      {status !== undefined && <p>DirectScale answered {status}.</p>}
      {message && <blockquote>{message}</blockquote>}
      {requestId && (
        <p>
          Request <Copy text={requestId} what="request id" />
        </p>
      )}
    </li>
  );
}
