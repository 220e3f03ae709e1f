import { agoText } from '../../parts/time.tsx';
import type { Health, PauseList } from '../../relay/answers.ts';
import { hashOf } from '../../view/address.ts';
import { whatToDo } from '../../view/words.ts';

export interface InWords {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly headline: string;
  /** What stands still and why, each with where to look. */
  readonly lines: readonly Line[];
}

interface Line {
  readonly text: string;
  readonly hash?: string;
}

const tones = { ready: 'good', degraded: 'warn', 'not-ready': 'bad' } as const;
const headlines = {
  ready: 'Everything works.',
  degraded: 'Webhooks are taken, but not everything works.',
  'not-ready': 'Nothing can be taken.',
} as const;

/** Health in words: what stands still, why, and what it means. */
export function inWords(health: Health, pauses: PauseList['pauses']): InWords {
  const faults = [
    ...waitingFor(health),
    ...brokenSources(health),
    ...secretProblems(health),
    ...health.configuration.map(({ path, message }) => ({ text: `${path}: ${message}` })),
  ];
  const lines = [...pauses.map(pausedByHand), ...faults];
  if (health.status !== 'not-ready' && faults.length === 0 && pauses.length > 0)
    return { tone: 'warn', headline: 'Everything works, but something is paused by hand.', lines };
  return { tone: tones[health.status], headline: headlines[health.status], lines };
}

function pausedByHand({ subject, note, by, until }: PauseList['pauses'][number]): Line {
  const [kind = '', name = ''] = subject.split(/:(.*)/s);
  const what = kind === 'all' ? 'All changes are' : `${kind === 'source' ? 'Source' : 'Customer'} ${name} is`;
  const end = until ? ` until ${until.slice(0, 16).replace('T', ' ')} UTC` : '';
  return {
    text: `${what} paused${by ? ` by ${by}` : ''}${end}: ${note}`,
    ...(kind === 'customer' && { hash: hashOf(['customers', name]) }),
    ...(kind === 'source' && { hash: '#/sources' }),
  };
}

function waitingFor({ storage, circuitBreaker, directScale, pausedCustomers = [], queue }: Health): Line[] {
  const lines: Line[] = [];
  if (storage === 'unavailable') lines.push({ text: 'The storage account cannot be reached.' });
  if (circuitBreaker) {
    const { state, reason, since, until } = circuitBreaker;
    const next =
      state === 'open'
        ? `the next try is ${agoText(Date.parse(until) - Date.now())}`
        : 'the next call tells how it goes on';
    lines.push({
      text: `Calls to DirectScale are stopped, ${reason}, since ${since.slice(11, 19)} UTC; ${next}. Changes wait, nothing is lost.`,
      hash: hashOf(['deliveries'], { status: 'pending' }),
    });
  } else if (directScale?.outcome === 'misconfigured') {
    const { reason = '' } = directScale;
    lines.push({ text: `DirectScale cannot be used, ${reason}. ${whatToDo[reason] ?? ''}`.trim() });
  }
  for (const { customerId, until } of pausedCustomers)
    lines.push({
      text: `Customer ${customerId} was written to too often and waits until ${until.slice(11, 19)} UTC: two systems seem to overwrite each other.`,
      hash: hashOf(['customers', customerId]),
    });
  if (queue && queue.poison > 0)
    lines.push({ text: `${queue.poison} messages were given up by the host and are about to be parked.` });
  return lines;
}

const stateWords: Readonly<Record<string, string>> = {
  misconfigured: 'is misconfigured and takes nothing',
  'secret-unavailable': 'takes nothing: its secret cannot be read',
  'secret-unusable': 'takes nothing: none of its secrets can be a key',
};

function brokenSources({ sources }: Health): Line[] {
  return Object.entries(sources).flatMap(([name, state]) =>
    state === 'ready' ? [] : [{ text: `Source ${name} ${stateWords[state] ?? state}.`, hash: '#/sources' }],
  );
}

function secretProblems({ secrets }: Health): Line[] {
  return secrets.flatMap(({ name, failure }) =>
    failure ? [{ text: `Secret ${name}: ${failure.message}` }] : [],
  );
}
