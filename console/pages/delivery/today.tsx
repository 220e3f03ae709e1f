import { useState } from 'preact/hooks';
import { Answered, Empty, Part } from '../../parts/page.tsx';
import { Badge } from '../../parts/status.tsx';
import { Violations } from '../../parts/violations.tsx';
import type { Remapped } from '../../relay/answers.ts';
import { useAnswer } from '../../relay/use-answer.ts';
import { hashOf } from '../../view/address.ts';

interface TodayProps {
  readonly id: string;
  readonly source: string;
}

/** What today's mapping would make of the delivery, beside what was made of it then. Asked for by hand. */
export function Today({ id, source }: TodayProps) {
  const [isAsked, setAsked] = useState(false);
  const [isWithValues, setWithValues] = useState(false);
  const query = isWithValues ? '?values=true' : '';
  const remapped = useAnswer<Remapped>(
    isAsked ? `deliveries/${encodeURIComponent(id)}/remapped${query}` : undefined,
  );
  return (
    <Part
      title="With today's mapping"
      note="What a replay would send, as a difference to what was made of it then."
      actions={
        <>
          {isAsked && !isWithValues && (
            <button type="button" onClick={() => setWithValues(true)}>
              Show values
            </button>
          )}
          {!isAsked && (
            <button type="button" onClick={() => setAsked(true)}>
              Compare
            </button>
          )}
          <a class="button quiet" href={hashOf(['mapping'], { source, delivery: id })}>
            Try another mapping
          </a>
        </>
      }
    >
      {isAsked && <Answered asked={remapped}>{(body) => <Difference remapped={body} />}</Answered>}
    </Part>
  );
}

function Difference({ remapped }: { readonly remapped: Remapped }) {
  const { mappingBefore, mappingNow, ignored, changes } = remapped;
  return (
    <>
      <p class="note">
        {mappingBefore === mappingNow ? (
          <>
            The mapping is the same: <code>{mappingNow}</code>
          </>
        ) : (
          <>
            Then <code>{mappingBefore ?? 'none'}</code>, now <code>{mappingNow ?? 'none'}</code>
          </>
        )}
      </p>
      {ignored && <Empty title="Today nothing would be applied of it.">{ignored}</Empty>}
      {changes.map((change) => (
        <RemappedChange key={change.index} change={change} />
      ))}
    </>
  );
}

type Change = Remapped['changes'][number];

const results = {
  same: ['quiet', 'the same change'],
  different: ['wait', 'another change'],
  gone: ['bad', 'no such change any more'],
  new: ['good', 'a new change'],
  thin: ['quiet', 'names a record only, which would be read from the vendor'],
} as const satisfies Record<Change['result'], readonly unknown[]>;

function RemappedChange({ change }: { readonly change: Change }) {
  const { index, result, customerId, added, removed, changed, leftOut, violations, values } = change;
  const [tone, words] = results[result];
  const lines = [
    ...added.map((path) => ['added', path] as const),
    ...removed.map((path) => ['removed', path] as const),
    ...changed.map((path) => ['changed', path] as const),
  ];
  return (
    <div class="difference">
      <p>
        Change {index + 1}
        {customerId && ` of customer ${customerId}`}: <Badge tone={tone}>{words}</Badge>
      </p>
      {lines.length > 0 && (
        <table class="compact">
          <thead>
            <tr>
              <th>Field</th>
              <th>Difference</th>
              {values && <th>Then</th>}
              {values && <th>Now</th>}
            </tr>
          </thead>
          <tbody>
            {lines.map(([how, path]) => (
              <tr key={path} class={how}>
                <td>
                  <code>{path}</code>
                </td>
                <td>{how}</td>
                {values && <td>{String(values[path]?.before ?? '–')}</td>}
                {values && <td>{String(values[path]?.now ?? '–')}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <ul class="violations warn">
        {leftOut.map(({ path, reason }) => (
          <li key={path}>
            <code>{path}</code> left out: {reason}
          </li>
        ))}
      </ul>
      <Violations of={violations} />
    </div>
  );
}
