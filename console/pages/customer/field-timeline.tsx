import type { ListedChange } from '../../relay/answers.ts';

/** More lanes nobody reads; the table below has all. */
const mostLanes = 14;
const laneHeight = 24;
const left = 190;
const width = 960;
const right = 24;

interface Lane {
  readonly field: string;
  readonly points: readonly Point[];
}

interface Point {
  readonly at: number;
  readonly outcome: string;
  readonly change: ListedChange;
}

/** A line for each field and a point for each change of it, in the colour of what became of it: one customer over time. */
export function FieldTimeline({ changes }: { readonly changes: readonly ListedChange[] }) {
  const lanes = lanesOf(changes);
  const times = changes.map(({ receivedAt }) => Date.parse(receivedAt));
  const first = Math.min(...times);
  const span = Math.max(1, Math.max(...times) - first);
  if (lanes.length === 0 || changes.length < 2) return null;
  const shown = lanes.slice(0, mostLanes);
  const height = (shown.length + 1) * laneHeight;
  const xOf = (at: number) => left + ((at - first) / span) * (width - left - right);
  return (
    <figure class="timeline-chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Changes of ${lanes.length} fields over time; the table below tells each`}
      >
        {shown.map(({ field, points }, index) => (
          <g key={field} transform={`translate(0 ${index * laneHeight + laneHeight / 2})`}>
            <text x={left - 14} dy="0.35em" text-anchor="end">
              {field}
            </text>
            <line x1={left} x2={width - right} />
            {points.map(({ at, outcome, change }) => (
              <circle key={`${change.deliveryId} ${change.index}`} class={outcome} cx={xOf(at)} r="5">
                <title>{`${change.receivedAt.slice(0, 19).replace('T', ' ')} UTC, ${change.source}: ${outcome}`}</title>
              </circle>
            ))}
          </g>
        ))}
        <g class="axis" transform={`translate(0 ${height - laneHeight / 2})`}>
          <text x={left}>{dayText(first)}</text>
          <text x={width - right} text-anchor="end">
            {dayText(first + span)}
          </text>
        </g>
      </svg>
      <figcaption>
        <ul class="legend" aria-hidden="true">
          <li class="applied">applied</li>
          <li class="left-out">left out</li>
          <li class="other">stale or unchanged</li>
          <li class="pending">pending</li>
          <li class="parked">parked</li>
        </ul>
        {lanes.length > mostLanes && (
          <small>{lanes.length - mostLanes} more fields are in the table only.</small>
        )}
      </figcaption>
    </figure>
  );
}

const dayFormat = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const dayText = (at: number): string => dayFormat.format(at);

/** The fields with the most changes first. */
function lanesOf(changes: readonly ListedChange[]): Lane[] {
  const lanes = new Map<string, Point[]>();
  for (const change of changes) {
    const { fields, leftOut = [] } = change;
    for (const field of new Set([...fields, ...leftOut.map(({ path }) => path.split('.')[0] ?? path)])) {
      const point = { at: Date.parse(change.receivedAt), outcome: outcomeOf(change, field), change };
      lanes.set(field, [...(lanes.get(field) ?? []), point]);
    }
  }
  return [...lanes]
    .map(([field, points]) => ({ field, points }))
    .toSorted((a, b) => b.points.length - a.points.length || a.field.localeCompare(b.field));
}

function outcomeOf({ status, dropped, leftOut = [] }: ListedChange, field: string): string {
  const isOf = (path: string) => path === field || path.startsWith(`${field}.`);
  if (leftOut.some(({ path }) => isOf(path))) return 'left-out';
  if (dropped.some(isOf)) return 'other';
  return ['applied', 'pending', 'parked'].includes(status) ? status : 'other';
}
