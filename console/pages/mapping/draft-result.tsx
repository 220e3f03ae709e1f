import { Empty } from '../../parts/page.tsx';
import { Badge } from '../../parts/status.tsx';
import { Violations } from '../../parts/violations.tsx';
import type { Draft } from '../../relay/answers.ts';
import { type Mark, markedFields } from './marked-fields.ts';

interface DraftResultProps {
  readonly draft: Draft;
  /** What the source's own mapping makes of it; absent: nothing to compare with. */
  readonly own: Draft | undefined;
}

const words = {
  mapped: ['good', 'mapped'],
  unmappable: ['bad', 'unmappable'],
  'does-not-compile': ['bad', 'does not compile'],
  ignored: ['quiet', 'ignored'],
  references: ['quiet', 'new references of a customer'],
  'for-a-person': ['warn', 'for a person'],
  thin: ['quiet', 'names a record only, which is read from the vendor'],
} as const satisfies Record<Draft['status'], readonly unknown[]>;

/** Changes, patch and problems. */
export function DraftResult({ draft, own }: DraftResultProps) {
  const { status, reason, changes, leftOut, violations, line, column } = draft;
  const [tone, text] = words[status];
  return (
    <div aria-live="polite">
      <p>
        <Badge tone={tone}>{text}</Badge> {reason}
        {line !== undefined && ` in line ${line}${column === undefined ? '' : `, column ${column}`}`}
      </p>
      <Violations of={violations} />
      {leftOut.length > 0 && (
        <ul class="violations warn">
          {leftOut.map(({ path, reason: why }) => (
            <li key={path}>
              <code>{path}</code> left out: {why}
            </li>
          ))}
        </ul>
      )}
      {changes.map((change, index) => (
        <DraftedChange key={index} change={change} own={own?.changes[index]} isCompared={own !== undefined} />
      ))}
      {status === 'mapped' && changes.length === 0 && <Empty title="It makes no change." />}
    </div>
  );
}

type DraftChange = Draft['changes'][number];

interface DraftedChangeProps {
  readonly change: DraftChange;
  readonly own: DraftChange | undefined;
  readonly isCompared: boolean;
}

function DraftedChange({ change, own, isCompared }: DraftedChangeProps) {
  const { note, fields } = change;
  const lines = markedFields(fields, isCompared ? (own?.fields ?? {}) : undefined);
  return (
    <article class="drafted">
      <DraftedFor change={change} />
      {note && <p class="callout wait">{note}</p>}
      <table class="compact">
        <thead>
          <tr>
            <th>Field</th>
            <th>Value</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ path, value, mark }) => (
            <tr key={path} class={mark}>
              <td>
                <code>{path}</code> <Marked mark={mark} />
              </td>
              <td>{value === '' ? <span class="none">cleared</span> : value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>The patch as JSON</summary>
        <pre>{JSON.stringify(fields, null, 2)}</pre>
      </details>
    </article>
  );
}

function Marked({ mark }: { readonly mark: Mark }) {
  return mark === 'same' ? null : <small>{mark}</small>;
}

/** Whose change it is, and when it happened. */
function DraftedFor({ change: { customer, recordId, occurredAt } }: { readonly change: DraftChange }) {
  return (
    <dl class="facts">
      <dt>Customer</dt>
      <dd>
        {'customerId' in customer ? (
          customer.customerId
        ) : customer.lookUp.length === 0 ? (
          <span class="none">nothing to look it up by</span>
        ) : (
          customer.lookUp.map(({ by, value }) => (
            <span key={by}>
              {by} <code>{value}</code>{' '}
            </span>
          ))
        )}
      </dd>
      {recordId !== undefined && (
        <>
          <dt>Record</dt>
          <dd>
            <code>{recordId}</code>
          </dd>
        </>
      )}
      <dt>Changed at</dt>
      <dd>
        {occurredAt === undefined ? (
          <span class="none">not told</span>
        ) : (
          `${occurredAt.slice(0, 19).replace('T', ' ')} UTC`
        )}
      </dd>
    </dl>
  );
}
