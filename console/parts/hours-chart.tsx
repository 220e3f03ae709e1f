import type { HourCounts } from '../relay/answers.ts';

const hourMs = 3_600_000;
const width = 6;
const height = 36;

/** What a bar is made of, from the ground up; together it is what was accepted in that hour. */
const segments = [
  { name: 'applied', of: ({ applied, leftOut }: HourCounts) => applied - Math.min(applied, leftOut) },
  { name: 'left-out', of: ({ applied, leftOut }: HourCounts) => Math.min(applied, leftOut) },
  { name: 'other', of: ({ unchanged, stale, other }: HourCounts) => unchanged + stale + other },
  { name: 'pending', of: ({ pending }: HourCounts) => pending },
  { name: 'parked', of: ({ parked }: HourCounts) => parked },
];

interface HoursChartProps {
  /** The hours of one source in which something came, in any order. */
  readonly hours: readonly HourCounts[];
  /** The first hour of the chart, ISO 8601. */
  readonly since: string;
  /** The most that came in one hour, of all charts that stand below each other. */
  readonly most: number;
  readonly label: string;
  readonly count?: number;
}

/** A bar for each hour, the same height for the same number in each chart of a page. */
export function HoursChart({ hours, since, most, label, count = 24 }: HoursChartProps) {
  const start = Math.floor(Date.parse(since) / hourMs) * hourMs;
  return (
    <svg
      class="hours"
      viewBox={`0 0 ${count * (width + 2)} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line x1="0" x2={count * (width + 2)} y1={height - 0.5} y2={height - 0.5} />
      {hours.map((hour) => (
        <Bar
          key={hour.hour}
          hour={hour}
          at={Math.round((Date.parse(hour.hour) - start) / hourMs)}
          most={most}
        />
      ))}
    </svg>
  );
}

function Bar({ hour, at, most }: { readonly hour: HourCounts; readonly at: number; readonly most: number }) {
  let top = height - 1;
  return (
    <g transform={`translate(${at * (width + 2) + 1} 0)`}>
      <title>{barTitle(hour)}</title>
      <rect class="target" width={width} height={height} />
      {segments.map(({ name, of }) => {
        const count = of(hour);
        if (count <= 0) return null;
        // One of thousands can still be seen.
        const size = Math.max(1.5, (count / Math.max(1, most)) * (height - 2));
        top -= size;
        return <rect key={name} class={name} y={Math.max(0, top)} width={width} height={size} />;
      })}
    </g>
  );
}

const hourText = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function barTitle({ hour, accepted, applied, leftOut, parked, pending }: HourCounts): string {
  const at = new Date(hour);
  return `${hourText.format(at)} (${hour.slice(11, 16)} UTC): ${accepted} accepted, ${applied} applied, ${leftOut} with something left out, ${parked} parked, ${pending} pending`;
}

/** What the colours of the bars mean. */
export function HoursLegend() {
  const names = {
    applied: 'applied',
    'left-out': 'applied, something left out',
    other: 'nothing to write',
    pending: 'pending',
    parked: 'parked',
  };
  return (
    <ul class="legend" aria-hidden="true">
      {Object.entries(names).map(([name, words]) => (
        <li key={name} class={name}>
          {words}
        </li>
      ))}
    </ul>
  );
}
