import { HoursChart } from '../../parts/hours-chart.tsx';
import { Empty } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Ago, spanText } from '../../parts/time.tsx';
import type { Counts, HourCounts, SourceList } from '../../relay/answers.ts';
import { hashOf } from '../../view/address.ts';
import { typicalDelayMs } from './figures.tsx';

interface SourceRatesProps {
  readonly counts: Counts;
  /** Absent: not known yet. */
  readonly sources: SourceList | undefined;
}

/** A line for each source: how much came in the last day, what became of it, and how fast. */
export function SourceRates({ counts, sources }: SourceRatesProps) {
  const bySource = Map.groupBy(counts.hours, ({ source }) => source);
  const names = [...new Set([...(sources?.sources.map(({ name }) => name) ?? []), ...bySource.keys()])];
  const most = Math.max(1, ...counts.hours.map(({ accepted }) => accepted));
  if (names.length === 0)
    return <Empty title="No source is configured.">Add one to relay.json: npm run add-source.</Empty>;
  return (
    <table class="lines rates">
      <thead>
        <tr>
          <th>Source</th>
          <th>Last delivery</th>
          <th>By hour</th>
          <th class="number">Accepted</th>
          <th class="number">Applied</th>
          <th class="number">Left out</th>
          <th class="number">Parked</th>
          <th class="number">Delay</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <SourceLine
            key={name}
            name={name}
            hours={bySource.get(name) ?? []}
            since={counts.since}
            most={most}
            source={sources?.sources.find((source) => source.name === name)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface SourceLineProps {
  readonly name: string;
  readonly hours: readonly HourCounts[];
  readonly since: string;
  readonly most: number;
  readonly source: SourceList['sources'][number] | undefined;
}

function SourceLine({ name, hours, since, most, source }: SourceLineProps) {
  const sum = (of: (hour: HourCounts) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  const accepted = sum((hour) => hour.accepted);
  const parked = sum((hour) => hour.parked);
  const delay = typicalDelayMs({ hours: [...hours], since, asOf: since });
  const from = { source: name, since };
  return (
    <tr>
      <td data-label="Source">
        <a data-line href={hashOf(['deliveries'], { source: name })}>
          {name}
        </a>
        {source && source.state !== 'ready' && <Status of={source.state} />}
      </td>
      <td data-label="Last delivery">
        {source?.lastAccepted ? <Ago at={source.lastAccepted} /> : <span class="none">none lately</span>}
      </td>
      <td data-label="By hour">
        <HoursChart
          hours={hours}
          since={since}
          most={most}
          label={`${name}: ${accepted} accepted in the last 24 hours, ${parked} parked`}
        />
      </td>
      <Count label="Accepted" of={accepted} />
      <Count
        label="Applied"
        of={sum((hour) => hour.applied)}
        hash={hashOf(['deliveries'], { ...from, status: 'applied' })}
      />
      <Count label="Left out" of={sum((hour) => hour.leftOut)} tone="warn" hash="#/issues" />
      <Count
        label="Parked"
        of={parked}
        tone="bad"
        hash={hashOf(['deliveries'], { ...from, status: 'parked' })}
      />
      <td class="number" data-label="Delay">
        {delay === undefined ? <span class="none">–</span> : spanText(delay)}
      </td>
    </tr>
  );
}

interface CountProps {
  readonly label: string;
  readonly of: number;
  readonly tone?: 'warn' | 'bad';
  readonly hash?: string;
}

function Count({ label, of, tone, hash }: CountProps) {
  const text = of.toLocaleString('en');
  return (
    <td class={`number ${of > 0 ? (tone ?? '') : ''}`} data-label={label}>
      {of === 0 ? <span class="none">0</span> : hash ? <a href={hash}>{text}</a> : text}
    </td>
  );
}
