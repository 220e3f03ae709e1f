import { ChangeTable } from '../parts/change-table.tsx';
import { Answered, AskAgain, Empty, Page } from '../parts/page.tsx';
import type { ChangeList } from '../relay/answers.ts';
import { useAnswer } from '../relay/use-answer.ts';
import { hashOf, refine } from '../view/address.ts';
import { DeliveryFilters, filterNames } from './deliveries/filters.tsx';

const liveEveryMs = 3000;
type Query = Readonly<Record<string, string>>;

/** What happened to each change, newest first: filtered, and watched as it happens. */
export function DeliveriesPage({ query }: { readonly query: Query }) {
  const isLive = query.live === 'on' && !query.from;
  const changes = useAnswer<ChangeList>(`deliveries?${searchOf(query)}`, isLive ? liveEveryMs : undefined);
  const set = (more: Readonly<Record<string, string | undefined>>) =>
    refine(['deliveries'], { ...query, from: undefined, ...more });
  return (
    <Page
      title="Deliveries"
      lead="Each change that was received, newest first. Names of fields, never values."
      actions={
        <>
          <label class="switch">
            <input
              type="checkbox"
              checked={isLive}
              onChange={() => set({ live: isLive ? undefined : 'on' })}
            />
            Live
          </label>
          <AskAgain asked={changes} />
        </>
      }
    >
      <DeliveryFilters query={query} set={set} />
      <Answered asked={changes}>
        {(list) => (
          <>
            {list.changes.length === 0 ? (
              <NothingFound query={query} />
            ) : (
              <ChangeTable changes={list.changes} replayed={changes.ask} />
            )}
            <nav class="pages" aria-label="Pages of the list">
              {query.from && <a href={hashOf(['deliveries'], { ...query, from: undefined })}>Newest</a>}
              {list.next && <a href={hashOf(['deliveries'], { ...query, from: list.next })}>Older</a>}
            </nav>
          </>
        )}
      </Answered>
    </Page>
  );
}

function NothingFound({ query }: { readonly query: Query }) {
  if (query.from) return <Empty title="Nothing more on this page.">Older ones may follow.</Empty>;
  if (filterNames.some((name) => query[name]))
    return <Empty title="Nothing matches.">Take a filter away, or look further back.</Empty>;
  return (
    <Empty title="Nothing was received yet.">
      Give a vendor the address of its source: it stands under <a href="#/sources">Sources</a>.
    </Empty>
  );
}

/** The query of the API. Times are typed in the viewer's zone. */
function searchOf(query: Query): string {
  const search = new URLSearchParams({ limit: '50' });
  for (const name of [...filterNames, 'from']) if (query[name]) search.set(name, query[name]);
  return search.toString();
}
