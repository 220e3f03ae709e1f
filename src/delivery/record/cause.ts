import { hash } from 'node:crypto';
import { withoutEmailAddresses } from '../../lib/without-email-addresses.ts';
import type { OpenKind } from './open-kind.ts';
import type { DeliveryRecord } from './record.ts';

/** Why changes are parked, or a field is left out: equal for all that one correction cures. No values. */
export interface Cause {
  readonly source: string;
  readonly kind: Exclude<OpenKind, 'pending'>;
  /** Parked: the reason by its code. Left out: why the field cannot be used. */
  readonly reason: string;
  /** The field, without its place in a batch. */
  readonly path?: string;
  /** DirectScale's words, the vendor's, or those of the mapping. */
  readonly words?: string;
}

const wordsKept = 300;

/** The causes of a record as one of that kind: one for why it is parked, one for each field that is left out. */
export function causesOf(record: DeliveryRecord, kind: Cause['kind']): Cause[] {
  const { source, leftOut = [] } = record;
  if (kind === 'parked') return [parkedCause(record)];
  const causes = leftOut.map(({ path, reason }) => ({
    source,
    kind,
    reason: withoutEmailAddresses(reason),
    path: withoutPlace(path),
  }));
  // A field of two items of a list is one cause of one change.
  return [...new Map(causes.map((cause) => [issueIdOf(cause), cause])).values()];
}

/** Equal for equal causes. */
export function issueIdOf({ source, kind, reason, path = '', words = '' }: Cause): string {
  const text = JSON.stringify([source, reason, path, words]);
  return `${kind}-${hash('sha256', text, 'hex').slice(0, 16)}`;
}

/** What ids of issues look like. */
export const issueIdPattern = /^(parked|left-out)-[0-9a-f]{16}$/;

/** The kind of an issue, from its id. */
export function kindOfIssue(id: string): Cause['kind'] {
  return id.startsWith('parked-') ? 'parked' : 'left-out';
}

function parkedCause(record: DeliveryRecord): Cause {
  const { source, reason = 'unknown', note, attempts, violations } = record;
  const last = attempts.at(-1);
  const cause = { source, kind: 'parked' as const, reason };
  switch (reason) {
    case 'unmappable':
    case 'address-incomplete': {
      const [first] = violations;
      if (!first) return cause;
      const path = withoutPlace(first.path);
      return { ...cause, ...(path && { path }), ...wordsOf(first.message) };
    }
    case 'rejected':
      return { ...cause, ...wordsOf(last?.message) };
    case 'retries-exhausted':
      return { ...cause, ...wordsOf(last?.reason ?? last?.outcome) };
    case 'for-a-person':
      return { ...cause, ...wordsOf(note) };
    default:
      // Notes of the others name records and customers: each would be an issue of its own.
      return cause;
  }
}

/** Words without what is different each time: ids, times, counts, and e-mail addresses, which notes may name. */
function wordsOf(text = ''): Pick<Cause, 'words'> {
  const words = withoutEmailAddresses(text)
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, wordsKept);
  return words ? { words } : {};
}

/** `[2].EmailAddress` is `EmailAddress`. */
function withoutPlace(path: string): string {
  return path.replace(/\[\d+\]\.?/g, '');
}
