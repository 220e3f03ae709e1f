import { useState } from 'preact/hooks';
import { Confirm } from '../../parts/confirm.tsx';
import { ProblemNote } from '../../parts/page.tsx';
import type { Issue, IssueReplay } from '../../relay/answers.ts';
import { type Answer, call, type Problem } from '../../relay/client.ts';

interface ReplayIssueProps {
  readonly issue: Issue;
  /** Gets told what was done. */
  readonly done: (words: string) => void;
}

/** Replays all that has one cause, after saying how much that is. */
export function ReplayIssue({ issue, done }: ReplayIssueProps) {
  const [counted, setCounted] = useState<IssueReplay>();
  const [isCounting, setCounting] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const count = async () => {
    setCounting(true);
    const answer = await replay(issue.id, true);
    setCounting(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (answer.ok) setCounted(answer.body);
  };
  const act = async () => {
    const answer = await replay(issue.id, false);
    if (answer.ok) done(doneWords(issue, answer.body));
    return answer;
  };
  return (
    <>
      <button type="button" data-key="r" disabled={isCounting} onClick={count} title="Replay all of it (r)">
        {isCounting ? 'Counting …' : 'Replay all'}
      </button>
      {problem && <ProblemNote problem={problem} />}
      {counted && (
        <Confirm
          title={`Replay ${counted.changes.toLocaleString('en')} ${counted.changes === 1 ? 'change' : 'changes'}?`}
          yes={`Replay ${counted.changes.toLocaleString('en')}`}
          act={act}
          close={() => setCounted(undefined)}
          done={() => undefined}
        >
          <p>
            <b>{issue.reason}</b> of {issue.source}: {counted.changes.toLocaleString('en')} changes of{' '}
            {counted.customers.toLocaleString('en')} customers, in {counted.deliveries.toLocaleString('en')}{' '}
            deliveries, go through today's mapping and into the queue again. What has another cause is left
            alone.
          </p>
          <p class="note">Nothing older overwrites what is newer, and it may be done again.</p>
        </Confirm>
      )}
    </>
  );
}

function doneWords({ reason, source }: Issue, { deliveries, notReplayed }: IssueReplay): string {
  const not = notReplayed > 0 ? ` Of ${notReplayed} nothing is kept that could be sent.` : '';
  return `Replayed ${deliveries} deliveries: ${reason} of ${source}.${not}`;
}

/** As far as it goes: the relay does it a minute at a time. The sum of all. */
async function replay(id: string, isDryRun: boolean): Promise<Answer<IssueReplay>> {
  let sum: IssueReplay = { isDryRun, deliveries: 0, changes: 0, customers: 0, notReplayed: 0 };
  let from: string | undefined;
  do {
    const search = new URLSearchParams({ ...(isDryRun && { dryRun: 'true' }), ...(from && { from }) });
    const answer: Answer<IssueReplay> = await call<IssueReplay>(`issues/${id}/replay?${search}`, {
      method: 'POST',
    });
    if (!answer.ok) return answer;
    const { deliveries, changes, customers, notReplayed, next } = answer.body;
    sum = {
      isDryRun,
      deliveries: sum.deliveries + deliveries,
      changes: sum.changes + changes,
      customers: sum.customers + customers,
      notReplayed: sum.notReplayed + notReplayed,
    };
    from = next;
  } while (from);
  return { ok: true, status: 200, body: sum };
}
