import { Empty, ProblemNote } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import type { Comparison, Customer } from '../../relay/answers.ts';
import type { Asked } from '../../relay/use-answer.ts';
import { hashOf } from '../../view/address.ts';

interface FieldTableProps {
  readonly customer: Customer;
  readonly comparison: Asked<Comparison>;
}

const results = {
  equal: ['good', 'as written last'],
  different: ['bad', 'changed in DirectScale'],
  unknown: ['quiet', 'not known'],
} as const;

/** Each field: when it changed, from which source and by which delivery; beside it what DirectScale holds, if asked. */
export function FieldTable({ customer: { fields }, comparison }: FieldTableProps) {
  const compared = new Map(comparison.body?.fields.map((field) => [field.path, field]));
  const isCompared = comparison.body !== undefined;
  const paths = [...new Set([...fields.map(({ path }) => path), ...compared.keys()])];
  if (paths.length === 0)
    return (
      <>
        {comparison.problem && <ProblemNote problem={comparison.problem} again={comparison.ask} />}
        <Empty title="The relay has written nothing to it." />
      </>
    );
  return (
    <>
      {comparison.problem && <ProblemNote problem={comparison.problem} again={comparison.ask} />}
      <table class="compact wide">
        <thead>
          <tr>
            <th>Field</th>
            <th>Changed in its source</th>
            <th>Source</th>
            <th>Written by</th>
            {isCompared && <th>In DirectScale now</th>}
          </tr>
        </thead>
        <tbody>
          {paths.map((path) => (
            <FieldLine
              key={path}
              path={path}
              field={fields.find((field) => field.path === path)}
              isCompared={isCompared}
              compared={compared.get(path)}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

interface FieldLineProps {
  readonly path: string;
  readonly field: Customer['fields'][number] | undefined;
  readonly isCompared: boolean;
  readonly compared: Comparison['fields'][number] | undefined;
}

function FieldLine({ path, field, isCompared, compared }: FieldLineProps) {
  const { occurredAt, source, deliveryId, inDoubt, refused } = field ?? {};
  const known = compared && results[compared.result];
  return (
    <tr>
      <td data-label="Field">
        <code>{path}</code>
        {inDoubt && (
          <small class="bad">
            in doubt: a call of <a href={hashOf(['deliveries', inDoubt.deliveryId])}>this delivery</a> was
            begun
          </small>
        )}
        {refused && (
          <small class="bad">
            left out since <Time at={refused.at} />: {refused.reason}
          </small>
        )}
      </td>
      <td data-label="Changed in its source">
        {occurredAt ? <Time at={occurredAt} /> : <span class="none">not yet</span>}
      </td>
      <td data-label="Source">{source ?? <span class="none">not kept any more</span>}</td>
      <td data-label="Written by">
        {deliveryId ? (
          <a href={hashOf(['deliveries', deliveryId])}>
            <code>{deliveryId}</code>
          </a>
        ) : (
          <span class="none">–</span>
        )}
      </td>
      {isCompared && (
        <td data-label="In DirectScale now">
          {known ? <span class={`dot ${known[0]}`}>{known[1]}</span> : <span class="none">–</span>}
          {compared?.value !== undefined && (
            <output class="value">{String(compared.value) || '(empty)'}</output>
          )}
        </td>
      )}
    </tr>
  );
}
