import { useState } from 'preact/hooks';
import { ChangeTable } from '../parts/change-table.tsx';
import { Filters } from '../parts/filters.tsx';
import { Answered, AskAgain, Empty, Page, Part } from '../parts/page.tsx';
import { Pause } from '../parts/pause.tsx';
import { Badge } from '../parts/status.tsx';
import type { ChangeList, Comparison, Customer } from '../relay/answers.ts';
import { type Asked, useAnswer } from '../relay/use-answer.ts';
import { go, hashOf } from '../view/address.ts';
import { FieldTable } from './customer/field-table.tsx';
import { FieldTimeline } from './customer/field-timeline.tsx';

/** One customer's fields over time; without an id the way to one. */
export function CustomerPage({ id }: { readonly id: string | undefined }) {
  return id === undefined ? <ChooseCustomer /> : <ShownCustomer id={id} />;
}

function ChooseCustomer() {
  const [id, setId] = useState('');
  return (
    <Page
      title="Customers"
      lead="What the relay knows of a customer, field by field: when it was written last, and from where."
    >
      <Filters
        label="Find a customer"
        submit={() => {
          if (id.trim()) go(hashOf(['customers', id.trim()]));
        }}
      >
        <label>
          DirectScale's id ("Associate ID")
          <input
            type="search"
            inputMode="numeric"
            autocomplete="off"
            required
            data-key="/"
            value={id}
            onInput={({ currentTarget }) => setId(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Show
        </button>
      </Filters>
      <Empty title="Which customer?">
        The internal id, not the Back Office ID. If you know the record in its source only, look among the{' '}
        <a href="#/links">links</a>.
      </Empty>
    </Page>
  );
}

function ShownCustomer({ id }: { readonly id: string }) {
  const path = `customers/${encodeURIComponent(id)}`;
  const [compare, setCompare] = useState<Compare>('no');
  const customer = useAnswer<Customer>(path);
  const changes = useAnswer<ChangeList>(`deliveries?limit=100&customer=${encodeURIComponent(id)}`);
  const comparison = useAnswer<Comparison>(
    compare === 'no' ? undefined : `${path}/comparison${compare === 'values' ? '?values=true' : ''}`,
  );
  const ask = () => {
    customer.ask();
    changes.ask();
  };
  const { pauses = [], pausedUntil } = customer.body ?? {};
  return (
    <Page
      title={`Customer ${id}`}
      above={{ name: 'Customers', hash: '#/customers' }}
      badge={(pauses.length > 0 || pausedUntil) && <Badge tone="warn">paused</Badge>}
      actions={
        <>
          <AskAgain asked={{ ask, isLoading: customer.isLoading || changes.isLoading }} />
          <Pause
            subject={`customer:${id}`}
            what={`customer ${id}`}
            isPaused={pauses.some(({ subject }) => subject === `customer:${id}`)}
            done={ask}
          />
        </>
      }
    >
      <Answered asked={customer}>
        {(body) => (
          <>
            <Notes customer={body} />
            <Part
              title="Fields"
              note="When each was written last, and by what."
              actions={<CompareButtons compare={compare} set={setCompare} comparison={comparison} />}
            >
              <FieldTable customer={body} comparison={comparison} />
            </Part>
            <CustomerLinks links={body.links} id={id} />
          </>
        )}
      </Answered>
      <CustomerChanges changes={changes} id={id} />
    </Page>
  );
}

/** Whether DirectScale is read for a comparison, and whether its values are shown. */
type Compare = 'no' | 'hashes' | 'values';

interface CompareButtonsProps {
  readonly compare: Compare;
  readonly set: (compare: Compare) => void;
  readonly comparison: Asked<Comparison>;
}

function CompareButtons({ compare, set, comparison }: CompareButtonsProps) {
  const isShown = compare === 'values';
  return (
    <>
      {compare !== 'no' && (
        <button type="button" onClick={() => set(isShown ? 'hashes' : 'values')} aria-expanded={isShown}>
          {isShown ? 'Hide values' : 'Show values'}
        </button>
      )}
      <button
        type="button"
        onClick={() => (compare === 'no' ? set('hashes') : comparison.ask())}
        aria-busy={comparison.isLoading}
      >
        {compare === 'no' ? 'Compare with DirectScale' : 'Compare again'}
      </button>
    </>
  );
}

interface CustomerChangesProps {
  readonly changes: Asked<ChangeList>;
  readonly id: string;
}

function CustomerChanges({ changes, id }: CustomerChangesProps) {
  return (
    <Part title="Changes" note="From all sources, newest first.">
      <Answered asked={changes}>
        {(list) =>
          list.changes.length === 0 ? (
            <Empty title="No change of this customer is recorded.">
              Nothing authentic came for this id, or it is older than the retention time, or nobody has read
              it from the queue yet.
            </Empty>
          ) : (
            <>
              <FieldTimeline changes={list.changes} />
              <ChangeTable changes={list.changes} withoutCustomer replayed={changes.ask} />
              {list.next && <a href={hashOf(['deliveries'], { customer: id })}>All of them</a>}
            </>
          )
        }
      </Answered>
    </Part>
  );
}

function Notes({ customer: { pauses, pausedUntil, forgottenAt } }: { readonly customer: Customer }) {
  return (
    <>
      {forgottenAt && (
        <div class="callout wait">
          <strong>Forgotten on request</strong>
          <p>At {forgottenAt.slice(0, 16).replace('T', ' ')} UTC. What came before is not kept.</p>
        </div>
      )}
      {pausedUntil && (
        <div class="callout bad">
          <strong>Written to too often</strong>
          <p>
            Nobody writes to it until {pausedUntil.slice(0, 19).replace('T', ' ')} UTC: two systems seem to
            overwrite each other. The changes below show which.
          </p>
        </div>
      )}
      {pauses.map(({ subject, note, by }) => (
        <div key={subject} class="callout wait">
          <strong>Paused{by && ` by ${by}`}</strong>
          <p>
            {note} {subject === 'all' && '(all changes wait)'}
          </p>
        </div>
      ))}
    </>
  );
}

function CustomerLinks({ links, id }: { readonly links: Customer['links']; readonly id: string }) {
  return (
    <Part
      title="Links"
      note="Records of sources that are this customer."
      actions={
        <a class="button quiet" href={hashOf(['links'], { customer: id })}>
          Change them
        </a>
      }
    >
      {links.length === 0 ? (
        <Empty title="No record is linked to it." />
      ) : (
        <ul class="chips">
          {links.map(({ source, recordId, origin }) => (
            <li key={`${source} ${recordId}`}>
              {source} <code>{recordId}</code> <small>{origin}</small>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
