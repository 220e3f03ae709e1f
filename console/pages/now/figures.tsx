import type { ComponentChildren } from 'preact';
import { Ago, spanText } from '../../parts/time.tsx';
import type { Counts, Health, IssueList } from '../../relay/answers.ts';
import { hashOf } from '../../view/address.ts';

interface FiguresProps {
  readonly health: Health;
  readonly issues: IssueList | undefined;
  readonly counts: Counts | undefined;
}

/** The few numbers that say how it stands. */
export function Figures({ health: { queue, directScale, circuitBreaker }, issues, counts }: FiguresProps) {
  const open = issues?.issues.filter(({ kind }) => kind === 'parked') ?? [];
  const parked = open.reduce((sum, { changes }) => sum + changes, 0);
  const delay = counts && typicalDelayMs(counts);
  return (
    <dl class="figures">
      <Figure
        name="Waiting"
        hash={hashOf(['deliveries'], { status: 'pending' })}
        more={queue && dueText(queue.oldestDueSeconds)}
      >
        {queue?.waiting ?? '–'}
      </Figure>
      <Figure
        name="Parked"
        hash="#/issues"
        isBad={parked > 0}
        more={
          issues &&
          (open.length === 0
            ? 'no open issue'
            : `${open.length} open ${open.length === 1 ? 'issue' : 'issues'}`)
        }
      >
        {issues ? parked : '–'}
      </Figure>
      <Figure
        name="Receipt to applied"
        more={delay === undefined ? 'nothing applied in 24 hours' : 'half of them are faster'}
      >
        {delay === undefined ? '–' : spanText(delay)}
      </Figure>
      <Figure
        name="DirectScale answered"
        isBad={
          directScale !== undefined && directScale.outcome !== 'applied' && (directScale.status ?? 0) >= 500
        }
        more={directScale ? <Ago at={directScale.at} /> : 'no call in the last 15 minutes'}
      >
        {directScale ? (directScale.status ?? directScale.outcome) : '–'}
      </Figure>
      <Figure
        name="Circuit breaker"
        isBad={circuitBreaker !== undefined}
        more={circuitBreaker ? circuitBreaker.reason : 'calls are made'}
      >
        {circuitBreaker?.state ?? 'closed'}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly hash?: string;
  readonly isBad?: boolean;
  readonly more?: ComponentChildren;
  readonly children: ComponentChildren;
}

function Figure({ name, hash, isBad, more, children }: FigureProps) {
  return (
    <div class={isBad ? 'bad' : ''}>
      <dt>{hash ? <a href={hash}>{name}</a> : name}</dt>
      <dd>
        <b>{children}</b>
        {more && <small>{more}</small>}
      </dd>
    </div>
  );
}

const dueText = (seconds: number): string =>
  seconds === 0 ? 'none is due' : `oldest due for ${spanText(seconds * 1000)}`;

/** The median of the hours' medians, each counted as often as something was applied in it; undefined: nothing was. */
export function typicalDelayMs({ hours }: Counts): number | undefined {
  const known = hours.flatMap(({ medianDelayMs, applied }) =>
    medianDelayMs === undefined ? [] : [{ medianDelayMs, applied }],
  );
  const half = known.reduce((sum, { applied }) => sum + applied, 0) / 2;
  let passed = 0;
  for (const { medianDelayMs, applied } of known.toSorted((a, b) => a.medianDelayMs - b.medianDelayMs)) {
    passed += applied;
    if (passed >= half) return medianDelayMs;
  }
  return undefined;
}
