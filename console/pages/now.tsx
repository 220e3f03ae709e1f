import { HoursLegend } from '../parts/hours-chart.tsx';
import { Answered, AskAgain, Page, Part } from '../parts/page.tsx';
import { Pause } from '../parts/pause.tsx';
import type { Counts, Health, IssueList, PauseList, SourceList } from '../relay/answers.ts';
import { useAnswer } from '../relay/use-answer.ts';
import { Figures } from './now/figures.tsx';
import { inWords } from './now/health-words.ts';
import { SourceRates } from './now/source-rates.tsx';

const healthEveryMs = 10_000;
const countsEveryMs = 60_000;

/** What stands still and why, and how the last day went. */
export function NowPage() {
  const health = useAnswer<Health>('health/details', healthEveryMs);
  const pauses = useAnswer<PauseList>('pauses', healthEveryMs);
  const counts = useAnswer<Counts>('counts?hours=24', countsEveryMs);
  const sources = useAnswer<SourceList>('sources', countsEveryMs);
  const issues = useAnswer<IssueList>('issues?status=open', countsEveryMs);
  const all = [health, pauses, counts, sources, issues];
  const ask = () => {
    for (const asked of all) asked.ask();
  };
  const byHand = pauses.body?.pauses ?? [];
  return (
    <Page
      title="Now"
      lead="What stands still, and how the last day went."
      actions={
        <>
          <AskAgain asked={{ ask, isLoading: all.some(({ isLoading }) => isLoading) }} />
          <Pause
            subject="all"
            what="all changes"
            isPaused={byHand.some(({ subject }) => subject === 'all')}
            done={ask}
          />
        </>
      }
    >
      <Answered asked={health}>
        {(body) => (
          <>
            <Headline health={body} pauses={byHand} />
            <Figures health={body} issues={issues.body} counts={counts.body} />
          </>
        )}
      </Answered>
      <Part title="The last 24 hours" note={<HoursLegend />}>
        <Answered asked={counts}>{(body) => <SourceRates counts={body} sources={sources.body} />}</Answered>
      </Part>
    </Page>
  );
}

interface HeadlineProps {
  readonly health: Health;
  readonly pauses: PauseList['pauses'];
}

function Headline({ health, pauses }: HeadlineProps) {
  const { tone, headline, lines } = inWords(health, pauses);
  return (
    <section class={`headline ${tone}`} aria-label="Health" aria-live="polite">
      <strong>{headline}</strong>
      {lines.length > 0 && (
        <ul>
          {lines.map(({ text, hash }) => (
            <li key={text}>{hash ? <a href={hash}>{text}</a> : text}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
