import type { DeliveryChange, Status } from '../../relay/answers.ts';

/** What became of one field of a change. */
export interface FieldOutcome {
  readonly path: string;
  readonly outcome: string;
  readonly tone: 'good' | 'wait' | 'warn' | 'bad' | 'quiet';
  readonly why?: string;
}

const whole: Readonly<Record<Status, readonly [outcome: string, tone: FieldOutcome['tone']]>> = {
  applied: ['sent', 'good'],
  pending: ['not sent yet', 'wait'],
  parked: ['not sent', 'bad'],
  unchanged: ['unchanged', 'quiet'],
  stale: ['stale', 'quiet'],
  ignored: ['ignored', 'quiet'],
  returned: ['not sent', 'warn'],
};

/** Each field of a change with what became of it, those first that need attention: what was left out, then the others. */
export function fieldOutcomes({
  status,
  fields,
  dropped,
  drifted = [],
  leftOut = [],
}: DeliveryChange): FieldOutcome[] {
  const [outcome, tone] = whole[status];
  const without = new Set([...dropped, ...leftOut.map(({ path }) => path)]);
  const left = leftOut.map(
    ({ path, reason }) => ({ path, outcome: 'left out', tone: 'warn', why: reason }) as const,
  );
  const sent = fields
    .filter((path) => !without.has(path))
    .map((path) => ({
      path,
      outcome,
      tone,
      ...(drifted.includes(path) && { why: 'DirectScale held another value than the relay wrote last' }),
    }));
  const notWritten = dropped.map(
    (path) => ({ path, outcome: 'not written', tone: 'quiet', why: 'stale or unchanged' }) as const,
  );
  return [...left, ...sent, ...notWritten];
}
