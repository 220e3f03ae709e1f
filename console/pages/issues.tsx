import { useState } from 'preact/hooks';
import { Filters, TextFilter } from '../parts/filters.tsx';
import { Answered, AskAgain, Empty, Page } from '../parts/page.tsx';
import type { Issue, IssueList } from '../relay/answers.ts';
import { useAnswer } from '../relay/use-answer.ts';
import { refine } from '../view/address.ts';
import { IssueLine } from './issues/issue-line.tsx';

interface IssuesPageProps {
  readonly query: Readonly<Record<string, string>>;
}

const shownAs = ['open', 'muted', 'all'];

/** What is parked or left out, by cause: understand one and cure all that have it. */
export function IssuesPage({ query }: IssuesPageProps) {
  const { show = 'open', source = '' } = query;
  const search = new URLSearchParams({ ...(show !== 'all' && { status: show }), ...(source && { source }) });
  const issues = useAnswer<IssueList>(`issues?${search}`);
  const [done, setDone] = useState<string>();
  const changed = (words?: string) => {
    setDone(words);
    issues.ask();
  };
  const set = (more: Readonly<Record<string, string>>) => refine(['issues'], { ...query, ...more });
  return (
    <Page
      title="Issues"
      lead="What is parked or left out, by cause. One cure replays all that have it."
      actions={<AskAgain asked={issues} />}
    >
      <IssueFilters show={show} source={source} set={set} />
      <p class="done" role="status">
        {done}
      </p>
      <Answered asked={issues}>
        {({ issues: found, countedSince }) => (
          <>
            {countedSince && (
              <p class="note">
                There are many: only changes received since {countedSince.slice(0, 16).replace('T', ' ')} UTC
                are counted.
              </p>
            )}
            {found.length === 0 ? (
              <Empty title={show === 'open' ? 'No open issue.' : 'No such issue.'}>
                {show === 'open' && 'Nothing waits for a person, and no field was left out.'}
              </Empty>
            ) : (
              <>
                <Issues
                  title="Parked"
                  note="Waits for somebody."
                  issues={found.filter(isParked)}
                  changed={changed}
                />
                <Issues
                  title="Left out"
                  note="Written without these fields."
                  issues={found.filter((issue) => !isParked(issue))}
                  changed={changed}
                />
              </>
            )}
          </>
        )}
      </Answered>
    </Page>
  );
}

const isParked = ({ kind }: Issue): boolean => kind === 'parked';

interface IssuesProps {
  readonly title: string;
  readonly note: string;
  readonly issues: readonly Issue[];
  readonly changed: (words?: string) => void;
}

function Issues({ title, note, issues, changed }: IssuesProps) {
  if (issues.length === 0) return null;
  const changes = issues.reduce((sum, issue) => sum + issue.changes, 0);
  return (
    <section class="group" aria-label={title}>
      <h2>
        {title}{' '}
        <small>
          {note} {changes.toLocaleString('en')} {changes === 1 ? 'change' : 'changes'}.
        </small>
      </h2>
      <ol class="issues">
        {issues.map((issue) => (
          <IssueLine key={issue.id} issue={issue} changed={changed} />
        ))}
      </ol>
    </section>
  );
}

interface IssueFiltersProps {
  readonly show: string;
  readonly source: string;
  readonly set: (more: Readonly<Record<string, string>>) => void;
}

function IssueFilters({ show, source, set }: IssueFiltersProps) {
  return (
    <Filters label="Filter issues">
      <label>
        Show
        <select value={show} onChange={({ currentTarget }) => set({ show: currentTarget.value })}>
          {shownAs.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <TextFilter label="Source" value={source} set={(value) => set({ source: value })} isFirst />
    </Filters>
  );
}
