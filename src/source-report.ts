import type { GuardReport } from './catch-up/guard.ts';
import type { Standing } from './catch-up/job-states.ts';
import { type JobState, neverBegun } from './catch-up/walk.ts';
import { mappingProblem, placeOf } from './config/load-sources.ts';
import type { Source } from './config/source.ts';
import { readSourceSecrets } from './config/source-secrets.ts';
import { countHours, hoursCounted } from './delivery/operate/count-hours.ts';
import type { LastRefusal } from './delivery/store/last-refusals.ts';
import type { Violation } from './domain/violation.ts';
import type { Relay } from './relay.ts';

/** One secret of a source: never its value. */
export interface SourceSecretReport {
  readonly name: string;
  /** The vault gives it. */
  readonly isReadable: boolean;
  /** It can be a key. */
  readonly isUsable: boolean;
  /** Why not. */
  readonly reason?: string;
}

/** How a source stands. Names, times and codes, no values. */
export interface SourceReport {
  readonly name: string;
  /** Absent for a source that is misconfigured. */
  readonly kind?: string;
  readonly mode?: Source['mode'];
  readonly state: 'ready' | 'misconfigured' | 'secret-unavailable' | 'secret-unusable';
  readonly problems?: readonly Violation[];
  readonly secrets: readonly SourceSecretReport[];
  /** ISO 8601; absent: nothing in the hours that are counted. */
  readonly lastAccepted?: string;
  readonly lastRefused?: LastRefusal;
  /** Absent: its vendor is not asked for changes. */
  readonly catchUp?: { readonly lastRunAt?: string; readonly upTo?: string; readonly failure?: string };
  /** Absent: nobody has looked, or its vendor cannot be asked. */
  readonly subscription?: SubscriptionReport;
}

/** What the last look at a subscription came to; `endsAt`: the vendor lets it run out then. */
type SubscriptionReport = Pick<GuardReport, 'state' | 'checkedAt' | 'endsAt'> & { readonly note?: string };

/** Every source of relay.json, and how it stands. Throws what storage throws. */
export async function reportSources(relay: Relay, now: Date): Promise<SourceReport[]> {
  const tables = await relay.tables();
  const [counted, refusals, { guards, catchUps }] = await Promise.all([
    countHours(hoursCounted, tables, now),
    tables.lastRefusals.all(),
    standingOf(relay),
  ]);
  const accepted = new Map<string, string>();
  // By hour: the last one of a source is its newest.
  for (const { source, lastReceivedAt } of counted.hours) accepted.set(source, lastReceivedAt);
  const timesOf = (name: string) => {
    const [lastAccepted, lastRefused] = [accepted.get(name), refusals.get(name)];
    return { ...(lastAccepted && { lastAccepted }), ...(lastRefused && { lastRefused }) };
  };
  const broken = [...relay.brokenSources].map(
    ([name, problems]): SourceReport => ({
      name,
      state: 'misconfigured',
      problems,
      secrets: [],
      ...timesOf(name),
    }),
  );
  const others = await Promise.all(
    [...relay.sources.values()].map(async (source): Promise<SourceReport> => {
      const { name, kind, mode } = source;
      const configured = await reportConfiguration(source, relay);
      const catchUp = source.catchUp && catchUpOf(catchUps.get(name) ?? neverBegun);
      const guard = guards.find(({ source: of }) => of === name);
      return {
        name,
        kind: kind.name,
        mode,
        ...configured,
        ...timesOf(name),
        ...(catchUp && { catchUp }),
        ...(guard && { subscription: subscriptionOf(guard) }),
      };
    }),
  );
  return [...broken, ...others].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** How the sources stand with their vendors; storage is asked only if one of them can be asked. */
async function standingOf(relay: Relay): Promise<Standing> {
  const canBeAsked = [...relay.sources.values()].some(({ kind }) => kind.changesSince || kind.subscription);
  return canBeAsked ? (await relay.jobStates()).standing() : { guards: [], catchUps: new Map() };
}

function subscriptionOf({ state, checkedAt, endsAt, problems }: GuardReport): SubscriptionReport {
  return {
    state,
    checkedAt,
    ...(endsAt !== undefined && { endsAt }),
    ...(problems.length > 0 && { note: problems.join('; ') }),
  };
}

async function reportConfiguration(
  source: Source,
  relay: Relay,
): Promise<Pick<SourceReport, 'state' | 'problems' | 'secrets'>> {
  const message = await mappingProblem(source);
  const read = await readSourceSecrets(source, relay.secrets).catch(() => undefined);
  const known = new Map(relay.secrets.report().map((report) => [report.name, report]));
  const secrets = source.secretNames.map((name): SourceSecretReport => {
    const { ageMs, failure } = known.get(name) ?? {};
    const isReadable = ageMs !== undefined;
    const unusable = read?.unusable.get(name);
    const reason = unusable ?? failure?.code;
    const isUsable = isReadable && unusable === undefined;
    return { name, isReadable, isUsable, ...(reason !== undefined && { reason }) };
  });
  if (message) {
    const problems = [{ path: placeOf(source.name, 'mapping', relay.settings), message }];
    return { state: 'misconfigured', problems, secrets };
  }
  if (!read) return { state: 'secret-unavailable', secrets };
  return { state: read.keys.length > 0 ? 'ready' : 'secret-unusable', secrets };
}

function catchUpOf({ readUntil, walk }: JobState): NonNullable<SourceReport['catchUp']> {
  const reason = walk?.failure ?? walk?.waits?.reason;
  return {
    ...(walk && { lastRunAt: walk.startedAt }),
    ...(readUntil && { upTo: readUntil }),
    ...(reason !== undefined && { failure: reason }),
  };
}
