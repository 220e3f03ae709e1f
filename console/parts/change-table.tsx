import type { ListedChange } from '../relay/answers.ts';
import { hashOf } from '../view/address.ts';
import { FieldNames } from './fields.tsx';
import { ReplayDelivery } from './replay.tsx';
import { Status } from './status.tsx';
import { Ago, Time } from './time.tsx';

interface ChangeTableProps {
  readonly changes: readonly ListedChange[];
  /** Left away where every line has the same one. */
  readonly withoutCustomer?: boolean;
  readonly replayed: () => void;
}

/** Changes, a line each, newest first: what, whose, and what became of it. Names of fields, never values. */
export function ChangeTable({ changes, withoutCustomer, replayed }: ChangeTableProps) {
  return (
    <table class="lines">
      <thead>
        <tr>
          <th>Received</th>
          <th>Status</th>
          <th>Source</th>
          {!withoutCustomer && <th>Customer</th>}
          <th>Fields</th>
          <th>Age</th>
          <th>
            <span class="unseen">Replay</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <ChangeLine
            key={`${change.deliveryId} ${change.index}`}
            change={change}
            withoutCustomer={withoutCustomer === true}
            replayed={replayed}
          />
        ))}
      </tbody>
    </table>
  );
}

interface ChangeLineProps {
  readonly change: ListedChange;
  readonly withoutCustomer: boolean;
  readonly replayed: () => void;
}

function ChangeLine({ change, withoutCustomer, replayed }: ChangeLineProps) {
  const { deliveryId, receivedAt, source, topic, customerId, recordId, status, reason, fields } = change;
  return (
    <tr>
      <td data-label="Received">
        <a data-line href={hashOf(['deliveries', deliveryId])}>
          <span class="unseen">Delivery {deliveryId}, </span>
          <Time at={receivedAt} />
        </a>
      </td>
      <td data-label="Status">
        <Status of={status} />
        {reason && <span class="reason">{reason}</span>}
        <LeftOutCount change={change} />
      </td>
      <td data-label="Source">
        {source}
        {topic && <small>{topic}</small>}
      </td>
      {!withoutCustomer && (
        <td data-label="Customer">
          {customerId ? (
            <a href={hashOf(['customers', customerId])}>{customerId}</a>
          ) : (
            <span class="none">not known</span>
          )}
          {recordId && <small title={`Record ${recordId}`}>{recordId}</small>}
        </td>
      )}
      <td data-label="Fields">
        <FieldNames names={fields} />
      </td>
      <td data-label="Age">
        <Ago at={receivedAt} />
        <Attempts change={change} />
      </td>
      <td class="act">
        {status !== 'ignored' && (
          <ReplayDelivery
            small
            what={`delivery of ${source}, received ${receivedAt.slice(0, 19).replace('T', ' ')} UTC`}
            path={`deliveries/${deliveryId}/replay`}
            done={replayed}
          />
        )}
      </td>
    </tr>
  );
}

function LeftOutCount({ change: { leftOut = [], dropped } }: { readonly change: ListedChange }) {
  return (
    <>
      {leftOut.length > 0 && (
        <small title={leftOut.map(({ path, reason }) => `${path}: ${reason}`).join('\n')}>
          {leftOut.length} left out
        </small>
      )}
      {dropped.length > 0 && <small title={dropped.join(', ')}>{dropped.length} not written</small>}
    </>
  );
}

/** How it was tried; nothing for a change that nobody had to try. */
function Attempts({
  change: { failedAttempts, nextAttemptAt, lastAttempt },
}: {
  readonly change: ListedChange;
}) {
  return (
    <>
      {lastAttempt && (
        <small>
          tried <Ago at={lastAttempt.at} />
        </small>
      )}
      {failedAttempts > 0 && <small>{failedAttempts} failed</small>}
      {nextAttemptAt && (
        <small>
          next <Ago at={nextAttemptAt} />
        </small>
      )}
    </>
  );
}
