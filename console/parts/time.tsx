import { useEffect, useState } from 'preact/hooks';

const inZone = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone;
const utcOf = (at: Date) => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A time in the viewer's zone, with UTC below it. */
export function Time({ at }: { readonly at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} class="time" title={`${zoneName}; ${at}`}>
      {inZone.format(date)}
      <small>{utcOf(date)}</small>
    </time>
  );
}

/** How long ago, or in how long: in words, kept true while it is shown. UTC and the viewer's time as its title. */
export function Ago({ at }: { readonly at: string }) {
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${inZone.format(date)} (${zoneName}), ${utcOf(date)}`}>
      {agoText(date.getTime() - now)}
    </time>
  );
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** A distance in ms from now, in words: below zero it is past. */
export function agoText(ms: number): string {
  const unit = units.find(([, size]) => Math.abs(ms) >= size);
  if (unit) return relative.format(Math.trunc(ms / unit[1]), unit[0]);
  const seconds = Math.trunc(ms / 1000);
  return Math.abs(seconds) < 2 ? 'now' : relative.format(seconds, 'second');
}

/** A span in ms as people say it. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

/** Those who show how long ago something was: one clock for all of them. */
const watchers = new Set<(now: number) => void>();
setInterval(() => {
  const now = Date.now();
  for (const watch of watchers) watch(now);
}, 10_000);

/** Now, in ms; again every ten seconds. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    watchers.add(setNow);
    return () => {
      watchers.delete(setNow);
    };
  }, []);
  return Math.max(now, Date.now());
}
